import { expect, test } from 'vitest';
import { deviceIdOfHost } from '../../src/cli/config/device-name.ts';
import { didYouMean, nearest } from '../../src/cli/suggest.ts';

const COMMANDS = ['run', 'restore', 'snapshots', 'status', 'stats', 'config show'];

test.each([
  ['statsu', ['status', 'stats']],
  ['sttaus', ['status', 'stats']],
  ['snap', ['snapshots']],
  ['rnu', ['run']],
  ['frobnicate', []],
])('%s', (word, found) => expect(nearest(word, COMMANDS)).toEqual(found));

test('suggestions in words', () => {
  expect(didYouMean('statsu', COMMANDS)).toBe('did you mean "status" or "stats"?');
  expect(didYouMean('frobnicate', COMMANDS)).toBeUndefined();
});

test.each([
  ['laptop-7', 'laptop-7'],
  ['Anns-MacBook-Pro.local', 'anns-macbook-pro'],
  ['DESKTOP_4K2', 'desktop-4k2'],
  ['Büro PC', 'buro-pc'],
  ['-', 'device'],
  ['x', 'device-x'],
  ['', 'device'],
  ['猫', 'device'],
  ['a'.repeat(80), 'a'.repeat(63)],
])('the host "%s" is device %s', (host, device) => expect(deviceIdOfHost(host)).toBe(device));
