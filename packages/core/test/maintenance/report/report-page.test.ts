import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeHtml, html } from '../../../src/maintenance/report/html.ts';
import { reportPage } from '../../../src/maintenance/report/report-page.ts';
import { anyText, deviceId, nightBefore, result, summary, troubles } from './fleet.ts';
import { HOSTILE_TEXTS, hostileNight } from './hostile-night.ts';
import { sampleNights } from './sample-fleet.ts';

/** Without what the style says. */
const bodyOf = (page: string): string => page.replace(/<style>[^]*?<\/style>/, '');
const tagsOf = (page: string): string[] => bodyOf(page).match(/<[^>]*>/g) ?? [];
const wordsOf = (page: string): string =>
  bodyOf(page)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

describe('html', () => {
  test('escapes what is put into it, but no html', () => {
    expect(html`<p title="${'"<&\'>'}">${3} ${html`<b>${'<'}</b>`} ${['a', '<'].map((x) => html`${x}`)}</p>`.text).toBe(
      '<p title="&quot;&lt;&amp;&#39;&gt;">3 <b>&lt;</b> a&lt;</p>',
    );
  });

  test('leaves nothing in a text that could end a text or an attribute', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
      }),
    );
  });
});

describe('the page', () => {
  const { tonight, history } = sampleNights();
  const page = reportPage(tonight, history);

  test('needs nothing but itself, and says so to the browser', () => {
    const tags = tagsOf(page).join('\n');
    expect(tags.replace(/\s+/g, ' ')).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
    );
    expect(tags).not.toMatch(/<(script|link|img|iframe|object|embed|form|base|a)\b|\b(src|href|on\w+)=/);
    expect(page).not.toMatch(/url\(|@import|https?:/);
  });

  test('has a language, a title, captions and headers of columns and rows', () => {
    expect(page).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(page).toContain('<title>9 devices need somebody to look. Backups, 2026-11-20</title>');
    const tables = page.match(/<table/g)?.length;
    expect(tables).toBe(3);
    expect(page.match(/<caption>/g)).toHaveLength(3);
    expect(page.match(/<th scope="row"/g)).toHaveLength(500 + 31);
    expect(page).not.toMatch(/<th(?! scope)[\s>]/);
  });

  test('begins with what to do, the worst first, and folds away what is good', () => {
    const order = [
      'What to do',
      'ransomware?',
      'are damaged',
      'No backup yet',
      'Trends',
      'Not well',
      '489 good devices',
    ];
    const places = order.map((words) => wordsOf(page).indexOf(words));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(page).toMatch(/<details>\s*<summary>489 good devices<\/summary>/);
  });

  test('says of each device what it knows', () => {
    const words = wordsOf(page);
    expect(words).toContain(
      'laptop-377 laptop-377.office stale 2026-10-08 22:14 42 days 10.0 GiB 1,000 files 10.0 GiB 0 B',
    );
    expect(words).toContain('desk-311 no backup yet never – – 0 B 0 B');
    expect(words).toContain('laptop-333 laptop-333.office good 12 files could not be read');
    expect(words).toContain('on hold since 2026-11-17 02:14 UTC, by admin: court order');
  });

  test('tells in words what the charts show', () => {
    const words = wordsOf(page);
    expect(words).toContain('Stored 5.8 TiB to 6.8 TiB in 31 nights.');
    expect(words).toMatch(/Sent and removed 1\.4 TiB sent, 442\.\d GiB removed in 31 nights\./);
    expect(words).toContain('Age of the last good backup 330 of 500 devices backed up within a day.');
    expect(page).not.toContain('NaN');
  });

  test('is the same, in whatever order the earlier nights come, and goes back 31', () => {
    expect(reportPage(tonight, [...history].reverse())).toBe(page);
    const older = nightBefore([result('desk-1')], { ended: new Date('2025-01-01T00:00:00.000Z') });
    expect(reportPage(tonight, [older, ...history, tonight])).toBe(page);
  });
});

test.each([
  ['no devices', summary([]), 'No devices yet.'],
  ['one good device', summary([result('desk-1')]), 'Nobody has to act.'],
  ['one bad device', summary([result('desk-1', troubles.stale)]), '1 device needs somebody to look.'],
  ['only a silent device', summary([], { expected: [deviceId('desk-1')] }), '1 device needs somebody to look.'],
])('a first night with %s', (_, night, headline) => {
  const page = reportPage(night, []);
  expect(wordsOf(page)).toContain(headline);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

describe('what devices write', () => {
  const plainTags = tagsOf(reportPage(hostileNight(HOSTILE_TEXTS.map(() => 'words')), []));

  test('never becomes markup, and is cut', () => {
    const page = reportPage(hostileNight(), []);
    expect(tagsOf(page)).toEqual(plainTags);
    expect(page).toContain('&lt;script&gt;globalThis.hit = 1;');
    expect(page).toContain('invoice\\u{202E}fdp.exe\\u{0}\\u{7}\\u{A}');
    expect(page).not.toMatch(/[^\P{C}\n]|W{301}|\p{M}{5}/u);
  });

  test('never becomes markup, whatever it is', () => {
    const piece = fc.constantFrom('<', '>', '"', "'", '&', '`', '=', '/', '\\', 'script', '<!--', ']]>', '\u0000', ' ');
    const text = fc.oneof(
      anyText(),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    const tags = tagsOf(reportPage(hostileNight(['words']), []));
    fc.assert(
      fc.property(text, (text) => {
        const night = hostileNight([`x${text}`]);
        expect(tagsOf(reportPage(night, [night]))).toEqual(tags);
      }),
    );
  });
});
