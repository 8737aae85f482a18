/** `cost`, as a user types it. What the amounts are is tested in core; here, that they are these. */
import * as fs from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEFAULT_FIGURES, PRICES, PRICE_NAMES, estimateCost } from '@backup-agent/core';
import type { FleetFigures, Prices, VariantCost } from '@backup-agent/core';
import { startS3Endpoint } from '@backup-agent/core/test-kit';
import { openCliBench } from '../kit/cli-bench.ts';
import type { CliBench } from '../kit/cli-bench.ts';

interface CostJson {
  readonly figures: FleetFigures;
  readonly origins: Readonly<Record<keyof FleetFigures, string>>;
  readonly packTiering: string;
  readonly measured: Readonly<Record<string, unknown>> | null;
  readonly chosen: VariantCost;
  readonly variants: readonly VariantCost[];
  readonly prices: Prices;
}

/** Without a repository, a configuration or credentials. */
async function cost(...words: string[]): Promise<CostJson> {
  const { code, stdout, stderr } = await openCliBench().cli('cost', ...words, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as CostJson;
}

/** As JSON has it: what is undefined is not there. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

/** Cells of the row of a table that begins so. */
const cellsOf = (stdout: string, title: string): string[] => {
  const line = stdout.split('\n').find((line) => line.replace(/^[> ] /, '').startsWith(`${title} `));
  return (line ?? `no row ${title}`).trim().split(/ {2,}/);
};

test('without options and without a configuration: the default office, with every price', async () => {
  const { figures, origins, chosen, variants, prices, measured } = await cost();
  expect(figures).toEqual(DEFAULT_FIGURES);
  expect(new Set(Object.values(origins))).toEqual(new Set(['assumed']));
  expect(variants).toEqual(plain(estimateCost(DEFAULT_FIGURES, PRICES)));
  expect(chosen).toEqual(variants.find(({ id }) => id === 'packs-intelligent'));
  expect([prices, measured]).toEqual([PRICES, null]);
});

test('for people: the bill with its total, the first month, a restore, and the other ways beside it', async () => {
  const { code, stdout, stderr } = await openCliBench().cli('cost');
  expect([code, stderr]).toEqual([0, '']);
  const variants = estimateCost(DEFAULT_FIGURES, PRICES);
  const [chosen] = variants as [VariantCost];
  const reference = variants.at(-1) as VariantCost;
  expect(cellsOf(stdout, 'documents, the newest version')).toEqual(['documents, the newest version', '28.00']);
  expect(cellsOf(stdout, 'total')).toEqual(['total', chosen.monthlyUsd.toFixed(2)]);
  expect(cellsOf(stdout, 'per user')).toEqual(['per user', chosen.perUserUsd?.toFixed(2)]);
  expect(stdout).toContain(`First month, with everybody's first backup: at most ${chosen.firstMonthUsd.toFixed(2)}, `);
  expect(stdout).toContain(`all documents of one device: ${chosen.restoreDeviceUsd.toFixed(2)}, `);
  for (const { name } of variants) expect(cellsOf(stdout, name).length).toBeGreaterThanOrEqual(7);
  expect(stdout).toMatch(/^> packs, INTELLIGENT_TIERING /m);
  expect(cellsOf(stdout, 'the reference stack')).toContain(reference.monthlyUsd.toFixed(2).replace('25', '25,'));
  expect(stdout).toMatch(
    /^The reference stack would cost 25,\d{3}\.\d\d a month, \d+ times as much: full copies, .*15,000\.00 moving every object twice/m,
  );
});

test("the user's own figures", async () => {
  const { figures, origins, packTiering, chosen } = await cost(
    ...'--users 40 --gb-per-user 62.5 --files-per-user 90000 --daily-change 0.5% --retention-days 90'.split(' '),
    ...'--soft-delete-days 0 --pack-tiering glacier --transition-days 3 --reduction 0.45 --verify-packs 0'.split(' '),
  );
  const own = {
    users: 40,
    gbPerUser: 62.5,
    filesPerUser: 90_000,
    dailyChange: 0.005,
    retentionDays: 90,
    softDeleteDays: 0,
    transitionDays: 3,
    reduction: 0.45,
    verifiedPacks: 0,
  };
  expect(figures).toEqual({ ...DEFAULT_FIGURES, ...own });
  expect(origins).toMatchObject({ users: 'given', reduction: 'given', packMib: 'assumed' });
  expect([packTiering, chosen.id]).toEqual(['glacier', 'packs-glacier']);
});

test.each(['none', 'intelligent', 'glacier-ir', 'glacier'])('%s is marked in the table', async (tiering) => {
  const { stdout } = await openCliBench().cli('cost', '--pack-tiering', tiering);
  const { chosen } = await cost('--pack-tiering', tiering);
  expect(stdout.match(/^> .*$/gm)).toEqual([expect.stringContaining(`> ${chosen.name} `)]);
});

test('without users only the fixed part', async () => {
  const { stdout } = await openCliBench().cli('cost', '--users', '0');
  expect(cellsOf(stdout, 'total')).toEqual(['total', '13.00']);
  expect(stdout).not.toMatch(/^per user/m);
  expect(stdout).not.toMatch(/NaN|Infinity|undefined/);
});

describe('prices', () => {
  const own = { usd: 0.5, unit: 'GB to the internet', asOf: '2027-01', source: 'our contract' };

  test('of a file, named from where the user is', async () => {
    const { cli, home } = openCliBench();
    const file = path.join(home, 'prices.json');
    fs.writeFileSync(file, JSON.stringify({ prices: { egress: own } }));
    const { stdout } = await cli('cost', '--prices', '~/prices.json', '--json');
    const { prices, variants } = JSON.parse(stdout) as CostJson;
    expect(prices).toEqual({ ...PRICES, egress: own });
    expect(variants).toEqual(plain(estimateCost(DEFAULT_FIGURES, { ...PRICES, egress: own })));
  });

  test('all nothing', async () => {
    const { cli, home } = openCliBench();
    const file = path.join(home, 'prices.json');
    const free = Object.fromEntries(PRICE_NAMES.map((name) => [name, { ...PRICES[name], usd: 0 }]));
    fs.writeFileSync(file, JSON.stringify({ prices: free }));
    const { code, stdout } = await cli('cost', '--prices', file);
    expect([code, cellsOf(stdout, 'total')]).toEqual([0, ['total', '0.00']]);
    expect(stdout).toMatch(/^The reference stack would cost 0\.00 a month: /m);
    expect(stdout).not.toMatch(/NaN|Infinity/);
  });

  test.each([
    [
      'a file that is wrong',
      '{"prices":{"put":{"usd":1}}}',
      /prices\.json: "put" lacks unit; "put" lacks asOf; "put" lacks source/,
    ],
    ['a file that is no JSON', 'put = 3', /prices\.json is not JSON/],
    ['no file', undefined, /--prices: there is no file .*prices\.json/],
  ])('%s is told in a sentence', async (_, content, sentence) => {
    const { cli, home } = openCliBench();
    const file = path.join(home, 'prices.json');
    if (content !== undefined) fs.writeFileSync(file, content);
    const { code, stdout, stderr } = await cli('cost', '--prices', file);
    expect([code, stdout, stderr.trimEnd().split('\n').length]).toEqual([2, '', 1]);
    expect(stderr).toMatch(sentence);
  });

  test('a folder instead of a file', async () => {
    const { cli, home } = openCliBench();
    const { code, stderr } = await cli('cost', '--prices', home);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/--prices: .* cannot be read/)]);
  });
});

test.each([
  ['--users', '-1', 'from 0 to 1000000'],
  ['--users', '1.5', 'from 0 to 1000000'],
  ['--gb-per-user', 'much', 'from 0 to 1000000'],
  ['--gb-per-user', '1,5', 'from 0 to 1000000'],
  ['--gb-per-user', '1e3', 'from 0 to 1000000'],
  ['--daily-change', '101', 'from 0 to 100'],
  ['--daily-change', '-1', 'from 0 to 100'],
  ['--reduction', '0', 'from 0.01 to 1'],
  ['--reduction', '70', 'from 0.01 to 1'],
  ['--retention-days', '0', 'from 1 to 36500'],
  ['--pack-tiering', 'deep', 'none, intelligent, glacier-ir, glacier'],
])('%s "%s" is told in a sentence, before any repository is asked', async (option, value, range) => {
  const words = [`${option}=${value}`, '--from-repo', '--repo', '/nowhere'];
  const { code, stdout, stderr } = await openCliBench().cli('cost', ...words);
  expect([code, stdout, stderr.trimEnd().split('\n').length]).toEqual([2, '', 1]);
  expect(stderr).toContain(`${option}: "${value}" is not`);
  expect(stderr).toContain(range);
});

describe('--from-repo', () => {
  const LETTER = randomBytes(3_000_000);

  /** Two runs, the first ten days back. */
  async function backedUpTwice(): Promise<CliBench> {
    const bench = openCliBench({ tree: { 'letter.txt': LETTER } });
    await bench.at('run', bench.documents, '--no-maintain');
    const then = Date.now() / 1000 - 10 * 86_400;
    const top = path.join(bench.repository, 'v1/devices');
    for (const entry of fs.readdirSync(top, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) fs.utimesSync(path.join(entry.parentPath, entry.name), then, then);
    fs.writeFileSync(path.join(bench.documents, 'more.bin'), randomBytes(600_000));
    expect(await bench.at('run', bench.documents, '--no-maintain')).toMatchObject({ code: 0 });
    return bench;
  }

  test('measures what it can, and says what it assumes', async () => {
    const bench = await backedUpTwice();
    const { figures, origins, measured } = (await bench.json('cost', '--from-repo')) as CostJson;
    expect(origins).toMatchObject({
      users: 'measured',
      gbPerUser: 'measured',
      filesPerUser: 'measured',
      dailyChange: 'measured',
      reduction: 'measured',
      packMib: 'measured',
      retentionDays: 'assumed',
      deadSpace: 'assumed',
    });
    expect(figures).toMatchObject({ users: 1, filesPerUser: 2, retentionDays: 30 });
    expect(figures.gbPerUser).toBeCloseTo(3_600_000 / 1024 ** 3, 9);
    // Random bytes do not shrink; 600,000 of 3.6 million came in ten days.
    expect(figures.reduction).toBeCloseTo(1, 2);
    expect(figures.dailyChange).toBeCloseTo(0.6 / 3.6 / 10, 3);
    expect(measured).toMatchObject({ device: 'laptop', snapshots: 2, packs: 2, damaged: [] });
    const { stdout } = await bench.at('cost', '--from-repo');
    expect(stdout).toMatch(/^Measured: device laptop in .*repository$/m);
    expect(stdout).toMatch(
      /^ {2}2 snapshots, 3\.4 MiB stored in \d+ objects, 2 of them packs of documents; growth over 10\.0 days$/m,
    );
    expect(stdout).toMatch(/^ {2}The estimate expects [\d.]+ MiB of packs once there are versions of 44 days\.$/m);
  });

  test('what is given goes before what is measured', async () => {
    const bench = await backedUpTwice();
    const words = ['--from-repo', '--users', '40', '--daily-change', '3'];
    const { figures, origins } = (await bench.json('cost', ...words)) as CostJson;
    expect([figures.users, figures.dailyChange, figures.filesPerUser]).toEqual([40, 0.03, 2]);
    expect([origins.users, origins.dailyChange, origins.filesPerUser]).toEqual(['given', 'given', 'measured']);
  });

  test('a device without a backup, and no repository at all, are told in a sentence', async () => {
    const bench = openCliBench();
    await bench.at('init');
    expect(await bench.at('cost', '--from-repo')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/--from-repo: the device has no backup of any document yet/) as string,
    });
    expect(await bench.cli('cost', '--from-repo')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no repository is named/) as string,
    });
  });

  test('on S3, reading no document', async () => {
    const endpoint = await startS3Endpoint({});
    try {
      const bench = openCliBench({
        tree: { 'letter.txt': LETTER },
        env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
      });
      const on = (...words: string[]) =>
        bench.cli(
          ...words,
          '--repo',
          's3://bucket/x',
          '--device',
          'laptop',
          '--endpoint',
          endpoint.url,
          '--region',
          'us-east-1',
        );
      await on('init');
      await on('run', bench.documents);
      const before = endpoint.log.length;
      const { code, stdout } = await on('cost', '--from-repo', '--json');
      expect([code, JSON.parse(stdout)]).toMatchObject([
        0,
        { figures: { users: 1, filesPerUser: 1 }, measured: { snapshots: 1, packs: 1, growthDays: null } },
      ]);
      const asked = endpoint.log.slice(before);
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.filter(({ operation, key }) => operation === 'GetObject' && key.includes('/data/'))).toEqual([]);
    } finally {
      await endpoint.close();
    }
  });
});
