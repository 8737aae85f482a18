import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NightResult } from '../../../src/index.ts';
import { BODY_BYTES_MAX, mailText, SUBJECT_CHARS_MAX } from '../../../src/maintenance/report/mail-text.ts';
import type { MailText } from '../../../src/maintenance/report/mail-text.ts';
import type { NightFacts } from '../../../src/maintenance/report/summarise-night.ts';
import { anyText, deviceId, ENDED, nightBefore, result, summary, troubles } from './fleet.ts';

const PLACE = 's3://backups/v1/system/reports/20261120T020000Z-00000001/report.html';
const mail = (results: readonly NightResult[], more: Partial<NightFacts> = {}): MailText =>
  mailText(summary(results, more), PLACE) as MailText;

test('nobody is written to when nobody has to act', () => {
  const quiet = [result('laptop-1'), result('laptop-2', troubles.failed), result('laptop-3', troubles.held)];
  expect(mailText(summary(quiet), PLACE)).toBeUndefined();
  expect(mailText(summary([]), PLACE)).toBeUndefined();
});

test('a mail says what it is, what it means, what to do and what to type', () => {
  const stale = result('laptop-2', troubles.stale);
  const before = nightBefore([result('laptop-1'), stale]);
  const { subject, body } = mail([result('laptop-1', troubles.flagged), stale, result('desk-1')], { previous: before });
  expect(subject).toBe('Backups: Unusual changes on laptop-1: ransomware? (and 1 more problem)');
  expect(body).toBe(
    [
      '2 devices of 3 need somebody to look. All times are UTC.',
      'The night began at 2026-11-20 02:00 and ended at 2026-11-20 02:14.',
      '',
      '1. Unusual changes on laptop-1: ransomware?',
      '',
      'Very much changed at once. Ransomware that encrypts documents looks like this; so does somebody who moves or converts a large folder.',
      'What to do: Look at the machine and ask its user before you do anything else. If it was an attack, take the machine off the network and restore from a backup before the change. If all is well, clear the hold (`backup-agent hold clear <device>`): as long as it lasts nothing of the device is removed.',
      '',
      '  laptop-1 (new): 9,120 of 10,000 files changed within an hour, 97 % do not compress.',
      '      backup-agent hold clear laptop-1',
      '',
      '2. No recent backup of laptop-2',
      '',
      'These devices have not finished a backup for too long. What was written on them since is on no other disk.',
      'What to do: Is the machine switched off, or somebody away? Then nothing is wrong. Otherwise type the command below on it: it backs up, or names what keeps it from that. If it is gone for good, type `backup-agent device retire <device>`.',
      '',
      '  laptop-2: Last good backup: 2026-11-19 18:05 UTC, 5 days ago.',
      '      backup-agent run --device laptop-2',
      '',
      `The report of this night: ${PLACE}`,
      '',
    ].join('\n'),
  );
});

test('without a report it names none', () => {
  const told = summary([result('laptop-2', troubles.stale)]);
  const withPlace = mailText(told, PLACE)?.body;
  expect(mailText(told, undefined)?.body).toBe(withPlace?.replace(`\nThe report of this night: ${PLACE}\n`, ''));
});

test('a device that was seen and never enrolled is not called enrolled', () => {
  const before = nightBefore([result('laptop-1', troubles.never)]);
  const { body } = mail([result('laptop-1', troubles.never)], { previous: before });
  expect(body).toContain('1. No backup yet of laptop-1');
  expect(body).not.toContain('enrolled');
});

test('of several reasons one can see where each ends', () => {
  const massChange = { reasons: ['run a: 150 files of 150 are gone', 'run b: 97 % do not compress'], run: null };
  const refusals = [
    { code: 'NO_POLICY', message: 'no policy is stored' },
    { code: 'OBJECT_DAMAGED', message: 'a pin is damaged' },
  ];
  const { body } = mail([result('laptop-1', { massChange }), result('laptop-2', { refusals })]);
  expect(body).toContain('run a: 150 files of 150 are gone; run b: 97 % do not compress\n');
  expect(body).toContain('no policy is stored; a pin is damaged\n');
});

test('of many devices fifty are named', () => {
  const many = Array.from({ length: 320 }, (_, i) => result(`laptop-${i}`, troubles.stale));
  const { body } = mail(many);
  expect(body.match(/run --device/g)).toHaveLength(50);
  expect(body).toContain('\n  and 270 more\n');
});

test('a subject is short, however long a name is', () => {
  const { subject } = mail([result('l'.repeat(63), troubles.flagged), result('laptop-2', troubles.stale)]);
  expect(subject.length).toBe(SUBJECT_CHARS_MAX);
  expect(subject).toMatch(/\.\.\.$/);
});

test('whatever devices write, a mail is one that SNS takes, and no line of it is theirs', () => {
  const text = fc.oneof(
    anyText(2000),
    fc.constantFrom('\n\n1. All is well', '\r\nSubject: x', '\u202Etxt.exe', '\u0000', '\uD800', '\u2028a'),
  );
  fc.assert(
    fc.property(text, text, fc.integer({ min: 1, max: 80 }), (reason, key, count) => {
      const finding = { key, what: reason, snapshots: [] };
      const [failed] = troubles.failed.freshness.failedRuns;
      const results = Array.from({ length: count }, (_, i) =>
        result(`laptop-${i}`, {
          massChange: { reasons: [reason] },
          hold: { since: ENDED.toISOString(), by: key, reason },
          verification: { findingCount: 1, findings: [finding] },
          freshness: { stale: true, failedRunCount: 1, failedRuns: [{ ...failed, code: key, message: reason }] },
        }),
      );
      const { subject, body } = mail(results, { expected: [deviceId('laptop-gone')] });
      expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/);
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(BODY_BYTES_MAX);
      expect(body.split('\n').filter((line) => /^\d\. /.test(line))).toHaveLength(4);
      expect(body).not.toMatch(/[^\P{C}\n]/u);
    }),
    { numRuns: 30 },
  );
});

test('a mail that would be too long is cut and still says where the report lies', () => {
  const wide = '\u{1F980}'.repeat(300);
  const results = Array.from({ length: 60 }, (_, i) => {
    const trouble = { ...troubles.damaged, ...troubles.stale, ...troubles.refused };
    return result(`laptop-${i}`, { ...trouble, massChange: { reasons: [wide] } });
  });
  const long = mail(results.concat(results.map((r) => ({ ...r, device: deviceId(`x-${r.device}`) }))));
  expect(Buffer.byteLength(long.body)).toBeLessThanOrEqual(BODY_BYTES_MAX);
  expect(long.body.endsWith(`The report of this night: ${PLACE}\n`)).toBe(true);
});
