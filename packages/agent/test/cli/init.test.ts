import * as fs from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { decodePolicy } from '@backup-agent/core';
import { startS3Endpoint } from '@backup-agent/core/test-kit';
import type { S3Endpoint, S3EndpointOptions } from '@backup-agent/core/test-kit';
import { openCliBench } from '../kit/cli-bench.ts';
import type { CliBench } from '../kit/cli-bench.ts';

function policyIn(repository: string): unknown {
  const folder = path.join(repository, 'v1/system/policy');
  const [name = ''] = fs.readdirSync(folder);
  return decodePolicy(fs.readFileSync(path.join(folder, name)), name).policy;
}

test('a local repository has a policy, and is left as it is the next time', async () => {
  const { at, repository } = openCliBench();
  expect(await at('init')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Created a repository') as string,
  });
  expect(policyIn(repository)).toEqual({ keepWithinDays: 30, keepLast: 3 });
  const before = fs.readdirSync(repository, { recursive: true });
  expect(await at('init', '--keep-last', '9')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('already; it is left as it is') as string,
  });
  expect(fs.readdirSync(repository, { recursive: true })).toEqual(before);
});

test('flags make the policy', async () => {
  const { json, repository } = openCliBench();
  const flags = ['--keep-within-days', '7', '--keep-last', '5', '--keep-weekly', '8', '--time-zone', 'Europe/Berlin'];
  const policy = { keepWithinDays: 7, keepLast: 5, keepWeekly: 8, timeZone: 'Europe/Berlin' };
  expect(await json('init', ...flags)).toEqual({
    repository,
    outcome: 'created',
    policy,
    probe: null,
    configFile: null,
  });
  expect(policyIn(repository)).toEqual(policy);
});

test.each([
  ['a time zone that is none', ['--time-zone', 'Mars/Olympus'], /"Mars\/Olympus" is not a time zone/],
  ['a policy that would keep nothing', ['--keep-last', '0'], /"0" is not a whole number from 1/],
])('%s is refused before anything is made', async (_, flags, sentence) => {
  const { at, repository } = openCliBench();
  const { code, stderr } = await at('init', ...flags);
  expect(code).toBe(2);
  expect(stderr).toMatch(sentence);
  expect(fs.existsSync(repository)).toBe(false);
});

test('a folder with other things in it is refused, by init and by run', async () => {
  const { at, documents, repository } = openCliBench();
  fs.mkdirSync(repository);
  fs.writeFileSync(path.join(repository, 'thesis.doc'), 'x');
  for (const words of [['init'], ['run', documents]]) {
    const { code, stderr } = await at(...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(/is no repository, and there is something else in it \("thesis\.doc"\)/);
  }
  expect(fs.readdirSync(repository)).toEqual(['thesis.doc']);
});

async function withS3(
  options: S3EndpointOptions,
  work: (bench: CliBench, s3: string[], endpoint: S3Endpoint) => Promise<void>,
) {
  const endpoint = await startS3Endpoint(options);
  try {
    const bench = openCliBench({ env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' } });
    const s3 = ['--repo', 's3://bucket/office', '--endpoint', endpoint.url, '--region', 'us-east-1'];
    await work(bench, s3, endpoint);
  } finally {
    await endpoint.close();
  }
}

test('on S3 the server is tried out; run works afterwards, and a second init sends nothing', () =>
  withS3({}, async ({ cli, documents }, s3, endpoint) => {
    const made = await cli('init', ...s3);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toContain('The server can do all that a repository deserves.');
    const puts = endpoint.count('PutObject');
    expect((await cli('init', ...s3)).stdout).toContain('left as it is');
    expect(endpoint.count('PutObject')).toBe(puts);
    expect((await cli('run', documents, ...s3)).code).toBe(0);
  }));

test('on S3 run never makes a repository', () =>
  withS3({}, async ({ cli, documents }, s3, endpoint) => {
    expect((await cli('run', documents, ...s3)).code).toBe(4);
    expect(endpoint.count('PutObject')).toBe(0);
  }));

test('what the server lacks is told in words', () =>
  withS3({ conditionalPut: false, conditionalCompletion: false, versions: false }, async ({ cli }, s3) => {
    const { stdout } = await cli('init', ...s3);
    expect(stdout).toContain('The server ignores If-None-Match on PutObject');
    expect(stdout).toContain('The server keeps no versions');
    const again = await cli('init', ...s3, '--repo', 's3://bucket/other', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      outcome: 'created',
      probe: {
        conditionalPut: false,
        weaknesses: [{ name: 'replaces-objects' }, { name: 'replaces-large-objects' }, { name: 'no-versions' }],
      },
    });
  }));

test('the second run on S3 reads snapshots and pages from the cache, and works without it', () =>
  withS3({}, async ({ cli, documents, home }, s3, endpoint) => {
    await cli('init', '--no-probe', ...s3);
    await setTimeout(2_500); // A file that was written just now is read again by the next run, and costs requests.
    await cli('run', documents, ...s3);
    await cli('run', documents, ...s3);
    const reads = async (): Promise<number> => {
      const before = endpoint.count('GetObject');
      expect(JSON.parse((await cli('run', documents, '--json', ...s3)).stdout)).toMatchObject({ exitCode: 0 });
      return endpoint.count('GetObject') - before;
    };
    const cached = await reads();
    fs.rmSync(path.join(home, '.cache'), { recursive: true });
    expect(await reads()).toBeGreaterThan(cached);
    for (const name of fs.readdirSync(path.join(home, '.cache/backup-agent/repositories'), {
      recursive: true,
      encoding: 'utf8',
    })) {
      const file = path.join(home, '.cache/backup-agent/repositories', name);
      if (fs.statSync(file).isFile()) fs.writeFileSync(file, 'spoiled');
    }
    expect(await reads()).toBeGreaterThan(cached);
  }));
