import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BackupError,
  EXIT_CODES,
  EXIT_CODE_MEANINGS,
  damage,
  isBackupError,
  isNodeError,
  worstExitCode,
} from '../src/index.ts';

test('codes and exit codes are a public contract', () => {
  expect(EXIT_CODES).toEqual({
    FAILED: 1,
    STORE_UNREACHABLE: 1,
    KEY_CONFLICT: 1,
    OBJECT_ARCHIVED: 1,
    COMMIT_GIVEN_UP: 1,
    DISK_FULL: 1,
    CONFIG_INVALID: 2,
    FORMAT_UNKNOWN: 2,
    OTHER_MACHINE: 2,
    CLOCK_WRONG: 2,
    INCOMPLETE: 3,
    REPOSITORY_MISSING: 4,
    RUN_ACTIVE: 5,
    ACCESS_DENIED: 6,
    OBJECT_DAMAGED: 7,
    OBJECT_MISSING: 7,
    STOPPED_EARLY: 8,
    INTERRUPTED: 130,
    TERMINATED: 143,
  });
});

test('every exit code has a meaning, and nothing else', () => {
  expect([...EXIT_CODE_MEANINGS.keys()].sort((a, b) => a - b)).toEqual(
    [...new Set([0, ...Object.values(EXIT_CODES)])].sort((a, b) => a - b),
  );
});

test('where several exit codes apply, one order decides', () => {
  const order = [130, 143, 7, 6, 4, 5, 2, 1, 8, 3, 0];
  expect(new Set(order)).toEqual(new Set(EXIT_CODE_MEANINGS.keys()));
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...order)), (codes) => {
      expect(worstExitCode(codes)).toBe(order.find((code) => codes.includes(code)) ?? 0);
    }),
  );
});

test('an error says what failed, what to do, why, and its exit code', () => {
  const cause = new Error('EACCES');
  const error = new BackupError('ACCESS_DENIED', 'cannot write', { hint: 'ask', cause, key: 'v1/repository.json' });
  expect(error).toMatchObject({ message: 'cannot write', hint: 'ask', cause, key: 'v1/repository.json', exitCode: 6 });
  expect('cause' in new BackupError('FAILED', 'no cause')).toBe(false);
});

test('errors are recognised by code, also copies of another bundle', () => {
  const error = damage('broken');
  const foreign = { [Symbol.for('backup-agent.error')]: true, code: 'OBJECT_DAMAGED' };
  expect([isBackupError(error), isBackupError(error, 'OBJECT_DAMAGED'), isBackupError(error, 'FAILED')]).toEqual([
    true,
    true,
    false,
  ]);
  expect([isBackupError(foreign, 'OBJECT_DAMAGED'), isBackupError(new Error('x')), isBackupError(null)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('errors of Node are recognised by their code', () => {
  const error = Object.assign(new Error('gone'), { code: 'ENOENT' });
  expect([
    isNodeError(error, 'ENOENT', 'EEXIST'),
    isNodeError(error, 'EEXIST'),
    isNodeError({ code: 'ENOENT' }),
  ]).toEqual([true, false, false]);
});
