import { expect, test } from 'vitest';
import { HELP, parseOptions, type BenchOptions } from '../src/options.ts';

const around = { folder: '/here', temporaryFolder: '/tmp', memoryFolder: '/memory', env: {} };
const S3 = ['--s3-endpoint', 'http://127.0.0.1:7480', '--s3-access-key', 'id', '--s3-secret-key', 'key'];

test('without options both tools are measured on all corpora, locally', () => {
  expect(parseOptions([], around)).toEqual({
    corpora: ['A', 'B', 'C'],
    corpusFolder: undefined,
    scale: 1,
    targets: ['local'],
    tools: ['agent', 'restic'],
    rounds: 3,
    workFolder: '/tmp/backup-agent-bench',
    restoreFolder: '/memory/backup-agent-bench-restored',
    s3: undefined,
    jsonFile: undefined,
  } satisfies BenchOptions);
});

test.each<[string, string[], Partial<BenchOptions>]>([
  ['the two hyphens that pnpm hands on', ['--', '--quick'], { scale: 0.02 }],
  ['corpora, in their own order', ['--only', 'B,A'], { corpora: ['A', 'B'] }],
  ['one tool', ['--tools', 'restic'], { tools: ['restic'] }],
  ['rounds', ['--rounds', '7'], { rounds: 7 }],
  [
    'folders relative to where it was called',
    ['--work', 'w', '--restore-to', '/r', '--json', 'out.json', '--corpus-folder', 'docs'],
    {
      workFolder: '/here/w/backup-agent-bench',
      restoreFolder: '/r/backup-agent-bench-restored',
      jsonFile: '/here/out.json',
      corpusFolder: '/here/docs',
    },
  ],
  ['an endpoint, which adds S3', S3, { targets: ['local', 's3'] }],
  ['S3 alone', [...S3, '--targets', 's3'], { targets: ['s3'] }],
  [
    'an endpoint with defaults',
    S3,
    {
      s3: {
        endpoint: 'http://127.0.0.1:7480',
        region: 'us-east-1',
        bucket: 'backup-agent-bench',
        accessKey: 'id',
        secretKey: 'key',
      },
    },
  ],
])('understands %s', (_, argv, expected) => expect(parseOptions(argv, around)).toMatchObject(expected));

test('credentials may come from the environment', () => {
  const env = { AWS_ACCESS_KEY_ID: 'from', AWS_SECRET_ACCESS_KEY: 'env' };
  const options = parseOptions(['--s3-endpoint', 'http://127.0.0.1:1'], { ...around, env });
  expect(options).toMatchObject({ s3: { accessKey: 'from', secretKey: 'env' } });
});

test('restores go to the work folder where there is no file system in memory', () => {
  expect(parseOptions([], { ...around, memoryFolder: undefined })).toMatchObject({
    restoreFolder: '/tmp/backup-agent-bench/backup-agent-bench-restored',
  });
});

test.each([
  ['an unknown option', ['--slow'], /--slow/],
  ['an argument', ['A'], /'A'/],
  ['an unknown corpus', ['--only', 'A,D'], /--only has "D", but only knows A, B, C/],
  ['an unknown target', ['--targets', 'ftp'], /--targets has "ftp"/],
  ['S3 without an endpoint', ['--targets', 's3'], /needs --s3-endpoint/],
  ['S3 without credentials', ['--s3-endpoint', 'http://127.0.0.1:1'], /needs --s3-access-key/],
  ['an endpoint with a path', ['--s3-endpoint', 'http://127.0.0.1/s3', ...S3.slice(2)], /not of the form/],
  ['something else than an endpoint', ['--s3-endpoint', 'here', ...S3.slice(2)], /not of the form/],
  ['no rounds', ['--rounds', '0'], /whole number/],
  ['a quick folder', ['--corpus-folder', '.', '--quick'], /do not go with it/],
])('refuses %s', (_, argv, message) => {
  expect(() => parseOptions(argv, around)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error);
  expect(() => parseOptions(argv, around)).toThrow(message);
});

test('the help names every option', () => {
  expect(parseOptions(['--help'], around)).toBe('help');
  expect(HELP).toMatch(
    /--only.*--corpus-folder.*--quick.*--rounds.*--tools.*--targets.*--s3-endpoint.*--work.*--restore-to.*--json/s,
  );
});
