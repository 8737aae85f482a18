/**
 * A night's report as one HTML page that needs nothing else: no script, no font, no image, no address. Its policy
 * forbids all of these, so that nothing that a device wrote could run or call home even if it were markup.
 */
import { actionList } from './report-actions.ts';
import { byteChart, freshnessChart, storedChart } from './report-charts.ts';
import { deviceTables } from './report-devices.ts';
import { REPORT_STYLE } from './report-style.ts';
import { html, Html } from './html.ts';
import type { NightSummary } from './night-summary.ts';
import { bytesInWords, countInWords, countOf, growthInWords, timeInWords } from './quantities.ts';

/** Charts and the table of nights go back this far, with the night itself. */
export const REPORT_NIGHTS_MAX = 31;

/** `history`: summaries of earlier nights, in any order. */
export function reportPage(summary: NightSummary, history: readonly NightSummary[]): string {
  const nights = nightsUntil(summary, history);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <title>${headline(summary)} Backups, ${timeInWords(summary.ended).slice(0, 10)}</title>
        <style>
          ${new Html(REPORT_STYLE)}
        </style>
      </head>
      <body>
        <main>
          <header>
            <p class="over">Backups</p>
            <h1>${headline(summary)}</h1>
            <p class="sub">
              Night of <time datetime="${summary.ended}">${timeInWords(summary.ended).slice(0, 10)}</time>,
              ${timeInWords(summary.began).slice(11)} to ${timeInWords(summary.ended).slice(11)}. All times are UTC.
            </p>
          </header>
          ${figures(summary, nights.at(-2))} ${actionList(summary)}
          <section aria-labelledby="trends">
            <h2 id="trends">Trends</h2>
            <div class="charts">${storedChart(nights)} ${byteChart(nights)} ${freshnessChart(summary)}</div>
            ${nightTable(nights)}
          </section>
          ${deviceTables(summary)}
          <footer>
            <p>
              Night <code>${summary.night}</code>. Ages count from the store’s clock, never from a device’s. The nightly
              job compares what is stored by name, length and checksum; it reads no document.
            </p>
          </footer>
        </main>
      </body>
    </html> `;
  return page.text;
}

function headline({ rows, totals }: NightSummary): string {
  const concerned = rows.filter((row) => row.problems.length > 0).length;
  if (concerned > 0) return `${countOf(concerned, 'device')} ${concerned === 1 ? 'needs' : 'need'} somebody to look.`;
  return totals.devices === 0 ? 'No devices yet.' : 'Nobody has to act.';
}

function nightsUntil(summary: NightSummary, history: readonly NightSummary[]): NightSummary[] {
  const earlier = history.filter(({ night, ended }) => night !== summary.night && ended < summary.ended);
  return [...earlier.sort((a, b) => (a.ended < b.ended ? -1 : 1)), summary].slice(-REPORT_NIGHTS_MAX);
}

function figures({ totals }: NightSummary, before: NightSummary | undefined): Html {
  const growth =
    before === undefined
      ? 'in the store'
      : `${growthInWords(totals.storedBytes - before.totals.storedBytes)} since the night before`;
  const rows: readonly (readonly [string, string, string])[] = [
    ['Good', countInWords(totals.good), `of ${countOf(totals.devices, 'device')}`],
    ['Stored', bytesInWords(totals.storedBytes), growth],
    ['Documents', bytesInWords(totals.bytes), `in ${countOf(totals.files, 'file')}, newest backups`],
    ['Sent', bytesInWords(totals.uploadedBytes), `${bytesInWords(totals.removedBytes)} removed`],
  ];
  return html`<dl class="figures">
    ${rows.map(
      ([name, value, note]) =>
        html`<div>
          <dt>${name}</dt>
          <dd><b>${value}</b> <span>${note}</span></dd>
        </div> `,
    )}
  </dl>`;
}

function nightTable(nights: readonly NightSummary[]): Html {
  const cells = ({ ended, totals }: NightSummary): Html =>
    html`<tr>
      <th scope="row">${timeInWords(ended).slice(0, 10)}</th>
      <td class="n">${countInWords(totals.devices)}</td>
      <td class="n">${countInWords(totals.good)}</td>
      <td class="n">${bytesInWords(totals.storedBytes)}</td>
      <td class="n">${bytesInWords(totals.uploadedBytes)}</td>
      <td class="n">${bytesInWords(totals.removedBytes)}</td>
    </tr> `;
  return html`<details>
    <summary>The figures of ${countOf(nights.length, 'night')}</summary>
    <table class="nights">
      <caption>
        Nights, newest first (dates in UTC)
      </caption>
      <thead>
        <tr>
          <th scope="col">Night</th>
          <th scope="col" class="n">Devices</th>
          <th scope="col" class="n">Good</th>
          <th scope="col" class="n">Stored</th>
          <th scope="col" class="n">Sent</th>
          <th scope="col" class="n">Removed</th>
        </tr>
      </thead>
      <tbody>
        ${[...nights].reverse().map(cells)}
      </tbody>
    </table>
  </details>`;
}
