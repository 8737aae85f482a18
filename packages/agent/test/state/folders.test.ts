import { expect, test } from 'vitest';
import { agentFolders } from '../../src/state/folders.ts';

test.each([
  [
    'Linux without variables',
    { platform: 'linux', home: '/home/ann', environment: {} },
    ['/home/ann/.config/backup-agent', '/home/ann/.local/state/backup-agent', '/home/ann/.cache/backup-agent'],
  ],
  [
    'XDG folders',
    {
      platform: 'linux',
      home: '/home/ann',
      environment: { XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s', XDG_CACHE_HOME: 'relative/is/ignored' },
    },
    ['/c/backup-agent', '/s/backup-agent', '/home/ann/.cache/backup-agent'],
  ],
  [
    'macOS',
    { platform: 'darwin', home: '/Users/ann', environment: {} },
    [
      '/Users/ann/Library/Application Support/backup-agent',
      '/Users/ann/Library/Application Support/backup-agent/state',
      '/Users/ann/Library/Caches/backup-agent',
    ],
  ],
  [
    'Windows',
    {
      platform: 'win32',
      home: 'C:\\Users\\ann',
      environment: { APPDATA: 'D:\\Roaming', LOCALAPPDATA: 'D:\\Local' },
    },
    ['D:\\Roaming\\backup-agent', 'D:\\Local\\backup-agent\\state', 'D:\\Local\\backup-agent\\cache'],
  ],
] as const)('%s', (_, sources, [config, state, cache]) => {
  expect(agentFolders(sources)).toEqual({ config, state, cache });
});
