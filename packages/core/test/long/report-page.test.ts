/** The nightly report in a real browser: what it shows, that it fits a phone, and that nothing in it runs or calls out. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportPage } from '../../src/maintenance/report/report-page.ts';
import { HOSTILE_TEXTS, hostileNight } from '../maintenance/report/hostile-night.ts';
import { sampleNights } from '../maintenance/report/sample-fleet.ts';
import { skippedSuite } from '../kit/skipped-suite.ts';
import { withPalette } from './palette-png.ts';

const CHROMIUM = '/usr/bin/chromium';
/** Set to 1: the pictures of the documentation are taken anew. */
const TAKES_PICTURES = process.env['BACKUP_AGENT_TAKE_PICTURES'] === '1';
const PICTURES = join(import.meta.dirname, '../../../../docs/images');

if (fs.existsSync(CHROMIUM)) describe('the report in Chromium', suite);
else skippedSuite('the report in Chromium', `no Chromium: install it as ${CHROMIUM}`);

interface Look {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}
const LOOKS: readonly Look[] = [360, 1280].flatMap((width) => [
  { width, colorScheme: 'light' as const },
  { width, colorScheme: 'dark' as const },
]);

/** What the browser said and asked for while the page was open. */
interface Opened {
  readonly page: Page;
  readonly messages: string[];
  readonly requests: string[];
}

function suite(): void {
  const { tonight, history } = sampleNights();
  const sample = reportPage(tonight, history);
  const hostile = reportPage(hostileNight(), [hostileNight()]);
  let browser: Browser;
  let work: string;
  let pageCount = 0;

  beforeAll(async () => {
    work = fs.mkdtempSync(join(tmpdir(), 'report-page-'));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    fs.rmSync(work, { recursive: true, force: true });
  });

  async function open(
    text: string,
    { width, colorScheme }: Look = { width: 1280, colorScheme: 'light' },
  ): Promise<Opened> {
    const file = join(work, `${pageCount++}.html`);
    fs.writeFileSync(file, text);
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const opened: Opened = { page, messages: [], requests: [] };
    page.on('console', (message) => opened.messages.push(message.text()));
    page.on('pageerror', (error) => opened.messages.push(error.message));
    page.on('request', (request) => opened.requests.push(request.url()));
    page.on('dialog', (dialog) => opened.messages.push(dialog.message()));
    await page.goto(pathToFileURL(file).href);
    return opened;
  }

  test('shows the fleet, and asks for nothing else', async () => {
    const { page, messages, requests } = await open(sample);
    expect(await page.title()).toBe('9 devices need somebody to look. Backups, 2026-11-20');
    expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
      'What to do',
      'Trends',
      'Devices',
    ]);
    expect(await page.getByRole('heading', { level: 3 }).count()).toBe(tonight.actions.length);
    const worst = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'laptop-007' }) });
    expect(await worst.getByRole('cell').first().textContent()).toContain('unusual changes');
    expect(await page.getByRole('img').count()).toBe(3);
    const good = page.getByRole('rowheader', { name: 'desk-001' });
    expect(await good.count()).toBe(0);
    await page.getByText('489 good devices').click();
    expect(await good.count()).toBe(1);
    expect({ messages, requests }).toEqual({ messages: [], requests: [page.url()] });
    await page.close();
  });

  test.each([
    ...LOOKS.map((look) => ['the sample', sample, look] as const),
    ...LOOKS.map((look) => ['what hostile devices write', hostile, look] as const),
  ])('%s fits the window and can be read: %#', async (_, text, look) => {
    const { page, messages, requests } = await open(text, look);
    expect(await page.evaluate<string[]>(`(${TOO_WIDE})()`)).toEqual([]);
    expect(await page.evaluate<string[]>(`(${TOO_PALE})()`)).toEqual([]);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(look.width);
    expect({ messages, requests }).toEqual({ messages: [], requests: [page.url()] });
    await page.close();
  });

  test('at 360 px tables are cards that say what each figure is', async () => {
    const { page } = await open(sample, { width: 360, colorScheme: 'light' });
    const label = `getComputedStyle([...document.querySelectorAll('td')].find((cell) => cell.textContent.trim() === '42 days'), '::before').content`;
    expect(await page.evaluate<string>(label)).toBe('"Age"');
    expect(await page.getByRole('columnheader', { name: 'Growth' }).count()).toBeGreaterThan(0);
    await page.close();
  });

  test('nothing that devices write runs', async () => {
    const { page, messages, requests } = await open(hostile);
    await page.mouse.move(300, 300);
    expect(await page.title()).toBe(`${HOSTILE_TEXTS.length} devices need somebody to look. Backups, 2026-11-20`);
    expect(await page.evaluate('globalThis.hit')).toBeUndefined();
    expect(await page.locator('script, img, iframe, a, [onerror], [onmouseover]').count()).toBe(0);
    expect(await page.getByText('<script>globalThis.hit = 1').count()).toBeGreaterThan(0);
    expect({ messages, requests }).toEqual({ messages: [], requests: [page.url()] });
    await page.close();
  });

  describe('were it not escaped', () => {
    const [script = '', image = ''] = HOSTILE_TEXTS;
    const unescaped = sample.replace('</h1>', `</h1>${script}${image}`);
    const withoutPolicy = unescaped.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, '');

    test('the policy would still keep it from running, and the browser would say so', async () => {
      const { page, messages } = await open(unescaped);
      expect(await page.evaluate('globalThis.hit')).toBeUndefined();
      expect(messages.join('\n')).toMatch(/Content Security Policy/);
      await page.close();
    });

    test('and without the policy it would run: so these tests can fail', async () => {
      const { page, requests } = await open(withoutPolicy);
      expect(await page.evaluate('globalThis.hit')).toBe(1);
      expect(requests.length).toBeGreaterThan(1);
      await page.close();
    });
  });

  test.runIf(TAKES_PICTURES).each([
    ['report.png', { width: 1280, colorScheme: 'light' }, 2900],
    ['report-phone-dark.png', { width: 360, colorScheme: 'dark' }, 1800],
  ] as const)('takes the picture %s', async (name, look, height) => {
    const { page } = await open(sample, look);
    fs.mkdirSync(PICTURES, { recursive: true });
    const clip = { x: 0, y: 0, width: look.width, height };
    const picture = withPalette(await page.screenshot({ fullPage: true, clip }));
    expect(picture.length).toBeLessThan(150_000);
    fs.writeFileSync(join(PICTURES, name), picture);
    await page.close();
  });
}

/** Opens all that is folded, and names what then stands out of the window. Runs in the page. */
const TOO_WIDE = `() => {
  for (const details of document.querySelectorAll('details')) details.open = true;
  return [...document.querySelectorAll('body *:not(thead, thead *)')]
    .filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return left < 0 || right > innerWidth + 0.5 || (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0
        && getComputedStyle(element).display !== 'inline');
    })
    .map((element) => element.outerHTML.slice(0, 200));
}`;

/** Names texts with less contrast to what they stand on than WCAG's AA asks for: 4.5 to 1. Runs in the page. */
const TOO_PALE = `() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return (channels(colour)[3] ?? 1) === 0 && element.parentElement ? ground(element.parentElement) : colour;
  };
  const isText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
  const found = new Set();
  for (const element of document.querySelectorAll('body *')) {
    if (!isText(element)) continue;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(element.closest('svg') ? style.fill : style.color), luminance(ground(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.add(element.tagName + '.' + element.getAttribute('class') + ' ' + contrast.toFixed(2));
  }
  return [...found];
}`;
