import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openAgent } from '../../src/tools/agent.ts';
import { findRestic } from '../../src/tools/restic.ts';
import { cleanEnvironment, type Place } from '../../src/tools/tool.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const local: Place = { repository: { kind: 'local', folder: '/repo' }, stateFolder: '/state' };
const s3: Place = {
  stateFolder: '/state',
  repository: {
    kind: 's3',
    endpoint: 'http://127.0.0.1:7480',
    region: 'us-east-1',
    bucket: 'bench',
    prefix: 'a/1',
    accessKey: 'id',
    secretKey: 'key',
  },
};

/** A program that tells a version and nothing else. */
function versionTeller(name: string, version: string): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, `#!/bin/sh\necho "${version}"\n`);
  chmodSync(file, 0o755);
  return file;
}

async function agentWith(env: NodeJS.ProcessEnv) {
  const configFile = path.join(temporaryFolder(), 'config.json');
  const file = path.join(temporaryFolder(), 'agent.mjs');
  writeFileSync(file, 'console.log("1.2.3")');
  return { configFile, file, agent: await openAgent({ file, node: process.execPath, configFile }, env) };
}

test('the agent works on a local repository, with a configuration and state of its own', async () => {
  const { agent, configFile, file } = await agentWith({ PATH: '/bin', XDG_STATE_HOME: '/mine', AWS_PROFILE: 'mine' });
  expect(agent.version).toBe('backup-agent 1.2.3');
  expect(readFileSync(configFile, 'utf8')).toBe('{}\n');
  expect(agent.init(local)).toBeUndefined();
  const repository = ['--repo', '/repo', '--device', 'bench', '--config', configFile, '--json'];
  expect(agent.backup(local, '/tree')).toEqual({
    file: process.execPath,
    args: [file, 'run', '/tree', '--no-maintain', ...repository],
    env: {
      PATH: '/bin',
      XDG_STATE_HOME: '/state/state',
      XDG_CACHE_HOME: '/state/cache',
      XDG_CONFIG_HOME: '/state/config',
    },
  });
  expect(agent.restore(local, '/there').args).toEqual([file, 'restore', 'latest', '--target', '/there', ...repository]);
  expect(agent.restoredRoot('/there', '/tree')).toBe('/there');
});

test('the agent works on S3, where a repository has to be made first', async () => {
  const { agent } = await agentWith({});
  const address = [
    '--repo',
    's3://bench/a/1',
    '--device',
    'bench',
    '--endpoint',
    'http://127.0.0.1:7480',
    '--region',
    'us-east-1',
  ];
  expect(agent.init(s3)?.args.slice(1, 10)).toEqual(['init', ...address]);
  expect(agent.backup(s3, '/tree').args).toEqual(expect.arrayContaining(address));
  expect(agent.backup(s3, '/tree').env).toMatchObject({ AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' });
});

test.skipIf(process.platform === 'win32')('restic works the same, with a cache of its own', async () => {
  const folder = path.dirname(versionTeller('restic', 'restic 0.14.0'));
  const restic = (await findRestic({ PATH: folder, RESTIC_REPOSITORY: '/mine' }))!;
  expect(restic.version).toBe('restic 0.14.0');
  const start = (repository: string) => ['--repo', repository, '--cache-dir', '/state/cache', '--quiet'];
  expect(restic.init(local)?.args).toEqual([...start('/repo'), 'init']);
  expect(restic.backup(local, '/a/tree')).toEqual({
    file: 'restic',
    args: [...start('/repo'), 'backup', '/a/tree'],
    env: { PATH: folder, RESTIC_PASSWORD: 'bench' },
  });
  expect(restic.restore(s3, '/there').args).toEqual([
    ...start('s3:http://127.0.0.1:7480/bench/a/1'),
    'restore',
    'latest',
    '--target',
    '/there',
  ]);
  expect(restic.restoredRoot('/there', '/a/tree')).toBe('/there/a/tree');
});

test('a machine without restic has none', async () => {
  expect(await findRestic({ PATH: temporaryFolder() })).toBeUndefined();
});

test('a tool inherits nothing that points it elsewhere', () => {
  const env = {
    HOME: '/home',
    AWS_PROFILE: 'x',
    RESTIC_REPOSITORY: 'x',
    BACKUP_AGENT_REPO: 'x',
    XDG_CACHE_HOME: 'x',
    NODE_OPTIONS: 'x',
  };
  expect(cleanEnvironment(env)).toEqual({ HOME: '/home' });
});
