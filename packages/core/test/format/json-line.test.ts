import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { JSON_BYTES_MAX, decodeJsonObject, encodeJsonObject, isBackupError } from '../../src/index.ts';
import { expectDamageEverywhere, outcomeOf, sealedJson } from '../kit/hostile-bytes.ts';

const KEY = 'v1/repository.json';
const anything = z.looseObject({});
const decode = (bytes: Uint8Array) => decodeJsonObject(anything, bytes, KEY);
/** Objects whose `version` is missing or 1. */
const objects = fc.dictionary(
  fc.string({ unit: 'binary' }).filter((name) => name !== 'version' && name !== '__proto__'),
  fc.jsonValue(),
);

test('an object comes back', () => {
  fc.assert(
    fc.property(objects, (value) => {
      const bytes = encodeJsonObject(value);
      expect(decode(bytes)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(bytes.toString('utf8')).toMatch(/^[^\n]*\n\{"sha256":"[0-9a-f]{64}"\}\n$/);
    }),
  );
});

test('text that is not Unicode comes back too', () => {
  expect(decode(encodeJsonObject({ path: 'caf\udce9' }))).toEqual({ path: 'caf\udce9' });
});

test('no byte can change or be missing unseen', () => {
  expectDamageEverywhere(encodeJsonObject({ version: 1, name: 'é' }), decode);
});

test('any bytes are damage', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(outcomeOf(() => decode(bytes))).toBe('OBJECT_DAMAGED');
    }),
  );
});

test.each([
  ['no JSON', '{"version":1'],
  ['two lines', '{"version":1,\n"a":1}'],
  ['a list', '[]'],
  ['nothing', ''],
  ['a byte order mark', '\ufeff{}'],
  ['brackets without end', '['.repeat(1_000_000)],
])('%s is damage, its checksum being right', (_, body) => {
  expect(outcomeOf(() => decode(sealedJson(body)))).toBe('OBJECT_DAMAGED');
});

test('a body that is not UTF-8 is damage', () => {
  const body = Buffer.from('{"a":"é"}', 'latin1').toString('latin1');
  expect(outcomeOf(() => decode(Buffer.from(sealedJson(body).toString('utf8'), 'latin1')))).toBe('OBJECT_DAMAGED');
});

test.each([2, 0, 1.5, -1])('an undamaged object of version %s is unknown', (version) => {
  expect(outcomeOf(() => decode(sealedJson(JSON.stringify({ version }))))).toBe('FORMAT_UNKNOWN');
});

test('too long an object is neither written nor read', () => {
  const long = { text: 'x'.repeat(JSON_BYTES_MAX) };
  expect(outcomeOf(() => encodeJsonObject(long))).toBe('FAILED');
  expect(outcomeOf(() => decode(sealedJson(JSON.stringify(long))))).toBe('OBJECT_DAMAGED');
});

const messageOf = (schema: z.ZodType, body: string): string => {
  try {
    decodeJsonObject(schema, sealedJson(body), KEY);
  } catch (error) {
    if (isBackupError(error)) return error.message;
  }
  return 'decoded';
};

test('the error names the key and the member', () => {
  const schema = z.object({ roots: z.array(z.object({ path: z.string() })) });
  expect(messageOf(schema, '{"roots":[{"path":"/a"},{"path":5}]}')).toBe(
    'v1/repository.json is damaged: roots.1.path: Invalid input: expected string, received number',
  );
  const whole = z.object({}).refine(() => false, 'contradicts itself');
  expect(messageOf(whole, '{}')).toBe('v1/repository.json is damaged: contradicts itself');
});

test('the error stays short, whatever the members are called', () => {
  const schema = z.record(z.string(), z.number());
  expect(messageOf(schema, JSON.stringify({ ['x'.repeat(1_000_000)]: '' })).length).toBeLessThan(400);
});
