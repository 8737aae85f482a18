import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import example from '../config.example.ts';
import { parseConfig } from '../src/config/parse-config.ts';
import { readSchedule } from '../src/config/schedule.ts';
import { GOOD } from './kit/good-config.ts';
import { CERTIFICATE_AUTHORITY } from './kit/certificate-authority.ts';

const PRIVATE_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'sec1',
  format: 'pem',
});

test('the example is right', () => {
  expect(() => parseConfig(example)).not.toThrow();
});

test('the defaults are these', () => {
  expect(parseConfig(GOOD)).toEqual({
    ...GOOD,
    companyName: 'smallbiz',
    environment: 'prod',
    region: 'us-west-2',
    allowOtherRegion: false,
    tags: { Purpose: 'DailyBackup', CostCenter: 'IT-Operations' },
    retentionDays: 30,
    softDeleteDays: 14,
    packTiering: 'intelligent',
    transitionDays: 7,
    objectLock: undefined,
    accessLogDays: 90,
    devicePrincipalArns: [],
    rolesAnywhere: undefined,
    schedule: 'cron(0 2 * * ? *)',
    scheduleTimeZone: undefined,
    graceHours: 24,
    resumeDays: 14,
    staleAfterHours: 72,
    removedShareMax: 0.2,
    workerMemoryMiB: 512,
    logDays: 90,
    users: 500,
    gigabytesPerUser: 20,
    alarms: { removedPercent: 10, stalePercent: 10 },
    runbookUrl: 'docs/runbook.md',
    dashboard: false,
  });
});

describe('the table of docs/infrastructure.md', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../docs/infrastructure.md'), 'utf8');
  const [, section = ''] = page.split('\n## Configuration\n');
  const [table = ''] = section.split('\n## ');
  const rows = [...table.matchAll(/^\| `(\w+)` \| (.+?) \| (.+) \|$/gm)];
  const defaults = parseConfig(GOOD);

  test('has every setting', () => {
    expect(rows.map(([, name = '']) => name).sort()).toEqual(Object.keys(defaults).sort());
  });

  test.each(rows.flatMap(([, name = '', told = '']) => (told.startsWith('`') ? [[name, told] as const] : [])))(
    '%s is %s by default',
    (name, told) => {
      expect(told).toBe(`\`${JSON.stringify(defaults[name as keyof typeof defaults])}\``);
    },
  );

  test('says of every plain default what it is', () => {
    const plain = Object.entries(defaults).filter(([name, value]) => !(name in GOOD) && typeof value !== 'object');
    const told = rows.flatMap(([, name = '', told = '']) => (told.startsWith('`') ? [name] : []));
    expect(told.sort()).toEqual(plain.flatMap(([name, value]) => (value === undefined ? [] : [name])).sort());
  });
});

test.each<[string, object]>([
  [
    'the least',
    {
      companyName: 'ab',
      retentionDays: 7,
      softDeleteDays: 7,
      graceHours: 24,
      resumeDays: 8,
      staleAfterHours: 24,
      users: 1,
    },
  ],
  [
    'the most',
    {
      companyName: 'a2345678901234567890',
      retentionDays: 3650,
      softDeleteDays: 90,
      graceHours: 720,
      removedShareMax: 1,
    },
  ],
  ['dev without mail and break-glass', { environment: 'dev', alarmEmail: undefined, breakGlassRoleArn: undefined }],
  ['another region that is meant', { region: 'eu-central-1', allowOtherRegion: true }],
  ['a time zone', { scheduleTimeZone: 'America/Los_Angeles' }],
  ['certificates', { rolesAnywhere: { certificateAuthorityPem: CERTIFICATE_AUTHORITY } }],
  ['a lock', { objectLock: {} }],
  [
    'a lock for ever that is meant',
    { objectLock: { mode: 'COMPLIANCE', days: 30, iUnderstandComplianceCannotBeUndone: true } },
  ],
  [
    'cold packs that stay just long enough',
    { packTiering: 'glacier-ir', retentionDays: 10, softDeleteDays: 14, transitionDays: 7 },
  ],
])('takes %s', (_, change) => {
  expect(() => parseConfig({ ...GOOD, ...change })).not.toThrow();
});

test.each<[string, object, RegExp]>([
  ['no account', { account: undefined }, /^- account: use the 12 digits/m],
  ['a company with capitals', { companyName: 'SmallBiz' }, /^- companyName: use 2 to 20/m],
  ['a company too long for the names made of it', { companyName: 'a23456789012345678901' }, /^- companyName: /m],
  ['an unknown environment', { environment: 'production' }, /^- environment: use one of prod, staging, dev$/m],
  ['another region by accident', { region: 'us-east-1' }, /^- region: us-east-1 is not us-west-2; if that is meant/m],
  ['no mail in prod', { alarmEmail: undefined }, /^- alarmEmail: needed in prod$/m],
  ['the mail of an example', { alarmEmail: 'ops@example.com' }, /^- alarmEmail: nobody reads ops@example\.com/m],
  ['a mail that is none', { alarmEmail: 'ops' }, /^- alarmEmail: use an e-mail address$/m],
  ['no break-glass in prod', { breakGlassRoleArn: undefined }, /^- breakGlassRoleArn: needed in prod/m],
  [
    'break-glass of another account',
    { breakGlassRoleArn: 'arn:aws:iam::999988887777:role/x' },
    /^- account: .*another account/m,
  ],
  [
    'break-glass that is a user',
    { breakGlassRoleArn: 'arn:aws:iam::111122223333:user/x' },
    /^- breakGlassRoleArn: use the ARN of a role$/m,
  ],
  ['a device of another account', { devicePrincipalArns: ['arn:aws:iam::999988887777:user/x'] }, /^- account: /m],
  [
    'a device that is a root',
    { devicePrincipalArns: ['arn:aws:iam::111122223333:root'] },
    /^- devicePrincipalArns\.0: use the ARN/m,
  ],
  ['too few days', { retentionDays: 6 }, /^- retentionDays: use a whole number from 7 to 3650$/m],
  ['half days', { retentionDays: 30.5 }, /^- retentionDays: /m],
  ['days as text', { softDeleteDays: '14' }, /^- softDeleteDays: /m],
  ['less than a week to undo a removal', { softDeleteDays: 6 }, /^- softDeleteDays: use a whole number from 7 to 90$/m],
  ['less grace than a day', { graceHours: 23 }, /^- graceHours: use a whole number from 24/m],
  ['runs given up before their uploads are', { resumeDays: 7 }, /^- resumeDays: use a whole number from 8/m],
  ['a share of nothing', { removedShareMax: 0 }, /^- removedShareMax: use a number above 0/m],
  ['a share as percent', { removedShareMax: 20 }, /^- removedShareMax: /m],
  ['log days that CloudWatch does not know', { logDays: 42 }, /^- logDays: use one of 30, 60, 90/m],
  ['a schedule that is none', { schedule: 'daily' }, /^- schedule: use cron/m],
  ['an unknown time zone', { scheduleTimeZone: 'Mars/Olympus' }, /^- scheduleTimeZone: use an IANA time zone/m],
  ['an offset for a time zone', { scheduleTimeZone: '+02:00' }, /^- scheduleTimeZone: use an IANA time zone/m],
  [
    'a certificate with its key',
    { rolesAnywhere: { certificateAuthorityPem: `${CERTIFICATE_AUTHORITY}\n${String(PRIVATE_KEY)}` } },
    /^- rolesAnywhere\.certificateAuthorityPem: .*no private key/m,
  ],
  [
    'a certificate that is none',
    { rolesAnywhere: { certificateAuthorityPem: 'x' } },
    /^- rolesAnywhere\.certificateAuthorityPem: /m,
  ],
  [
    'a lock longer than snapshots are kept',
    { objectLock: { days: 31 } },
    /^- objectLock: 31 days are more than retentionDays/m,
  ],
  ['a lock for ever by accident', { objectLock: { mode: 'COMPLIANCE' } }, /^- objectLock: mode COMPLIANCE needs/m],
  [
    'cold packs that go too early',
    { packTiering: 'glacier', retentionDays: 9, transitionDays: 7 },
    /^- packTiering: .*17 days or more.* is 16$/m,
  ],
  ['tags that are set already', { tags: { company: 'x', Region: 'y' } }, /^- tags: company, Region: set already$/m],
  ['a tag that would make roles a device', { tags: { device: 'laptop-1' } }, /^- tags: device: .*which device/m],
  ['tags of AWS', { tags: { 'aws:x': 'y' } }, /^- tags: aws:x: "aws:" belongs to AWS/m],
  [
    'more tags than there is room for',
    { tags: Object.fromEntries(Array.from({ length: 47 }, (_, i) => [`tag ${i}`, ''])) },
    /^- tags: 47 are more than the 46/m,
  ],
  ['tags that IAM takes for the same', { tags: { Cost: '1', cost: '2' } }, /^- tags: cost: there is another/m],
  ['tags with signs that IAM does not take', { tags: { 'a#b': '1', c: 'd\n' } }, /^- tags: a#b, c: use letters/m],
  ['a company whose bucket S3 refuses', { companyName: 'xn--firm' }, /^- companyName: S3 takes no names .* xn--$/m],
  [
    'a device that is named twice',
    { devicePrincipalArns: ['arn:aws:iam::111122223333:user/x', 'arn:aws:iam::111122223333:user/x'] },
    /^- devicePrincipalArns: .*user\/x: named twice$/m,
  ],
  ['tags that are no texts', { tags: { Cost: 5 } }, /^- tags\.Cost: use texts/m],
  ['tags in a list', { tags: ['Cost'] }, /^- tags: use texts/m],
  ['a lock that is a yes', { objectLock: true }, /^- objectLock: use an object of settings/m],
  ['a number of users that is none', { users: NaN }, /^- users: use a whole number/m],
  ['an unknown setting', { retention: 30 }, /^- retention: there is no such setting$/m],
  [
    'a setting in other letters',
    { retentiondays: 30 },
    /^- retentiondays: there is no such setting; it is written retentionDays$/m,
  ],
  ['an unknown setting of alarms', { alarms: { size: 3 } }, /^- alarms\.size: there is no such setting$/m],
])('refuses %s', (_, change, problem) => {
  expect(() => parseConfig({ ...GOOD, ...change })).toThrow(problem);
});

test.each([undefined, null, 'prod', 7, ['x']])('%j is no configuration', (raw) => {
  expect(() => parseConfig(raw)).toThrow('the configuration must be an object of settings, as in config.example.ts');
});

test('all problems are in one message, also those of combinations', () => {
  const all = { account: '1', region: 'us-east-1', softDeleteDays: 0, objectLock: { days: 31 }, more: 1 };
  expect(() => parseConfig(all)).toThrow(
    /^the configuration is not right:\n- more: [^]*\n- account: [^]*\n- softDeleteDays: [^]*\n- region: [^]*\n- alarmEmail: [^]*\n- breakGlassRoleArn: [^]*\n- objectLock: /,
  );
});

test('whatever stands in the file, it is taken or refused with a list', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...Object.keys(parseConfig(GOOD)), 'x'), fc.anything()), (change) => {
      try {
        parseConfig({ ...GOOD, ...change });
      } catch (error) {
        expect((error as Error).message).toMatch(/^the configuration is not right:\n- /);
        // In our words, not in those of the library that checks.
        expect((error as Error).message).not.toMatch(/Invalid|Unrecognized|Too (big|small)|expected/);
      }
    }),
  );
});

describe('schedules', () => {
  test.each([
    ['cron(0 2 * * ? *)', 24],
    ['cron(30 2 ? * * *)', 24],
    ['cron(0 * * * ? *)', 1],
    ['cron(0 */6 * * ? *)', 6],
    ['cron(0 1/8 * * ? *)', 8],
    ['cron(0 2,14 * * ? *)', 12],
    ['cron(0 14,2,3 * * ? *)', 12],
    ['cron(0 0/7 * * ? *)', 7],
    ['rate(1 hour)', 1],
    ['rate(6 hours)', 6],
    ['rate(1 day)', 24],
  ])('%s leaves at most %i hours between two nights', (text, gapHoursMax) => {
    expect(readSchedule(text)).toEqual({ gapHoursMax });
  });

  test.each([
    'cron(0 2 * * * *)',
    'cron(0 2 ? * ? *)',
    'cron(0 2 * * ?)',
    'cron(* 2 * * ? *)',
    'cron(0,30 2 * * ? *)',
    'cron(60 2 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 2 ? * MON *)',
    'cron(0 2 1 * ? *)',
    'cron(0 2 * 1 ? *)',
    'cron(0 2 * * ? 2027)',
    'cron(0 */0 * * ? *)',
    'rate(0 hours)',
    'rate(1 hours)',
    'rate(2 hour)',
    'rate(25 hours)',
    'rate(2 days)',
    'rate(5 minutes)',
    '0 2 * * *',
    '',
  ])('%j is none', (text) => {
    expect(readSchedule(text)).toBeUndefined();
  });

  test('the longest gap is what one finds by waiting two days', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1 }), (hours) => {
        const runs = [...hours, ...hours.map((hour) => hour + 24), ...hours.map((hour) => hour + 48)].sort(
          (a, b) => a - b,
        );
        const gaps = runs.slice(1).map((hour, i) => hour - (runs[i] as number));
        expect(readSchedule(`cron(0 ${hours.join(',')} * * ? *)`)).toEqual({ gapHoursMax: Math.max(...gaps) });
      }),
    );
  });
});
