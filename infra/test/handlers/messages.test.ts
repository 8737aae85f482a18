import { makeRunId, parseDeviceId } from '@backup-agent/core';
import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from '../../src/handlers/messages.ts';
import type { NightMessage } from '../../src/handlers/messages.ts';

const OF_NIGHT = {
  night: makeRunId(new Date(Date.UTC(2026, 0, 1)), Buffer.from([1, 2, 3, 4])),
  began: '2026-01-01T02:00:00.000Z',
  round: 3,
};

describe('a message of a night', () => {
  test.each<NightMessage>([
    { type: 'device', ...OF_NIGHT, device: parseDeviceId('desk-1') },
    { type: 'summarise', ...OF_NIGHT },
  ])('is read as it was written: $type', (message) => {
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
  });

  test.each([
    ['no JSON', 'hello'],
    ['null', 'null'],
    ['a number', '7'],
    ['an unknown type', JSON.stringify({ type: 'undo', ...OF_NIGHT })],
    ['no night', JSON.stringify({ type: 'summarise', ...OF_NIGHT, night: 'tonight' })],
    ['no time', JSON.stringify({ type: 'summarise', ...OF_NIGHT, began: 'early' })],
    ['half a round', JSON.stringify({ type: 'summarise', ...OF_NIGHT, round: 0.5 })],
    ['no device', JSON.stringify({ type: 'device', ...OF_NIGHT })],
    ['a device that is a path', JSON.stringify({ type: 'device', ...OF_NIGHT, device: '../desk-1' })],
  ])('is refused if it has %s', (_, text) => {
    expect(() => decodeMessage(text)).toThrow(Error);
  });
});
