import { describe, expect, test } from 'vitest';
import { BackupError } from '../../src/errors.ts';
import { formatS3Url, parseRepositoryUrl } from '../../src/store/repository-url.ts';

describe('a repository on S3', () => {
  test.each([
    ['s3://documents', 'documents', ''],
    ['s3://documents/', 'documents', ''],
    ['s3://documents/office', 'documents', 'office'],
    ['s3://documents/office/2026/', 'documents', 'office/2026'],
    ['s3://documents//office', 'documents', 'office'],
    ['S3://my.bucket-1/a b/ä%20+?#', 'my.bucket-1', 'a b/ä%20+?#'],
  ])('%s', (text, bucket, prefix) => {
    expect(parseRepositoryUrl(text)).toEqual({ type: 's3', bucket, prefix });
    expect(parseRepositoryUrl(formatS3Url(bucket, prefix))).toEqual({ type: 's3', bucket, prefix });
  });

  test.each([
    's3:',
    's3:documents',
    's3:/documents',
    's3://',
    's3:///office',
    's3://-documents',
    's3://do cuments',
    's3://a',
    's3://documents/a//b',
    's3://documents/../other',
    's3://documents/./x',
    's3://documents/new\nline',
  ])('cannot be %j', (text) => {
    expect(() => parseRepositoryUrl(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }) as BackupError);
  });

  test('is never repeated in a message when it holds credentials', () => {
    try {
      parseRepositoryUrl('s3://AKIACANARY:canary-secret@documents/office');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(BackupError);
      expect(`${String(error)} ${JSON.stringify(error)} ${(error as BackupError).hint}`).not.toMatch(/canary/i);
    }
  });
});

describe('a local repository', () => {
  test.each([
    '/srv/backup',
    'backup',
    './s3/backup',
    '../x',
    'C:\\Backup',
    'c:/Backup',
    'D:',
    '\\\\server\\share\\backup',
    'name:with colon',
    '~/backup',
  ])('is the path %s', (path) => {
    expect(parseRepositoryUrl(path)).toEqual({ type: 'local', path });
  });

  test.each([
    ['file:///srv/backup', false, '/srv/backup'],
    ['file:///srv/with%20space', false, '/srv/with space'],
    ['file://localhost/srv', false, '/srv'],
    ['file:///C:/Backup', true, 'C:\\Backup'],
    ['file://server/share/backup', true, '\\\\server\\share\\backup'],
  ])('is named by %s (on Windows: %s)', (text, windows, path) => {
    expect(parseRepositoryUrl(text, { windows })).toEqual({ type: 'local', path });
  });

  test.each(['', 'file://server/share', 'file:///a%2Fb', 'https://host/path', 'sftp://host/path', 'gs://bucket'])(
    'cannot be named by %j',
    (text) => {
      expect(() => parseRepositoryUrl(text, { windows: false })).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID' }) as BackupError,
      );
    },
  );
});
