/** The fleet: devices that are not well with what was seen of each, then, folded away, the others. */
import { html, NOTHING } from './html.ts';
import type { Html } from './html.ts';
import type { DeviceRow, DeviceState, NightSummary } from './night-summary.ts';
import { ageInWords, bytesInWords, countOf, growthInWords, timeInWords } from './quantities.ts';
import { visibleText } from './visible-text.ts';

const HOST_CHARS_MAX = 60;
const NOTE_CHARS_MAX = 200;

const STATE_WORDS: Readonly<Record<DeviceState, string>> = {
  flagged: 'unusual changes',
  damaged: 'damaged',
  never: 'no backup yet',
  stale: 'stale',
  unheard: 'no result',
  refused: 'nothing removed',
  held: 'on hold',
  failed: 'last run failed',
  retired: 'retired',
  good: 'good',
};

export function deviceTables({ rows }: NightSummary): Html {
  const isQuiet = ({ state }: DeviceRow): boolean => state === 'good' || state === 'retired';
  const troubled = rows.filter((row) => !isQuiet(row));
  // One looks for a device by its name here; there, for what is worst.
  const quiet = rows.filter(isQuiet).sort((a, b) => (a.device < b.device ? -1 : 1));
  return html`<section aria-labelledby="devices">
    <h2 id="devices">Devices</h2>
    ${troubled.length === 0 ? NOTHING : deviceTable('Not well, or to be watched', troubled)}
    ${
      quiet.length === 0
        ? NOTHING
        : html`<details${troubled.length === 0 && quiet.length <= 50 ? html` open` : NOTHING}>
<summary>${quietWords(quiet)}</summary>
${deviceTable('Without trouble', quiet)}
</details>`
    }
    ${rows.length === 0 ? html`<p>No device is enrolled, and none has written anything.</p>` : NOTHING}
  </section>`;
}

function quietWords(quiet: readonly DeviceRow[]): string {
  const retired = quiet.filter(({ state }) => state === 'retired').length;
  const good = quiet.length - retired;
  const parts = [good > 0 ? countOf(good, 'good device') : '', retired > 0 ? countOf(retired, 'retired device') : ''];
  return parts.filter((part) => part !== '').join(', ');
}

function deviceTable(caption: string, rows: readonly DeviceRow[]): Html {
  return html`<table class="devices" role="table">
    <caption>
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        <th scope="col" role="columnheader">Device</th>
        <th scope="col" role="columnheader">State</th>
        <th scope="col" role="columnheader">Last good backup (UTC)</th>
        <th scope="col" role="columnheader" class="n">Age</th>
        <th scope="col" role="columnheader" class="n">Size</th>
        <th scope="col" role="columnheader" class="n">Stored</th>
        <th scope="col" role="columnheader" class="n">Growth</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(deviceRow)}
    </tbody>
  </table>`;
}

function deviceRow(row: DeviceRow): Html {
  const { device, host, state, lastGood, ageHours, bytes, files, storedBytes, growthBytes } = row;
  const unknown = html`<span class="none">–</span>`;
  return html`<tr role="row">
    <th scope="row" role="rowheader">
      ${device}${host === null ? NOTHING : html`<span class="host">${visibleText(host, HOST_CHARS_MAX)}</span>`}
    </th>
    <td role="cell" class="state"><span class="chip ${state}">${STATE_WORDS[state]}</span>${notes(row)}</td>
    <td role="cell" data-label="Last good (UTC)">
      ${lastGood === null ? html`<span class="none">never</span>` : html`<time datetime="${lastGood.landed}">${timeInWords(lastGood.landed)}</time>`}
    </td>
    <td role="cell" class="n" data-label="Age">${ageHours === null ? unknown : ageInWords(ageHours)}</td>
    <td role="cell" class="n" data-label="Size">
      ${lastGood === null ? unknown : html`<span>${bytesInWords(bytes)} <span class="host">${countOf(files, 'file')}</span></span>`}
    </td>
    <td role="cell" class="n" data-label="Stored">${bytesInWords(storedBytes)}</td>
    <td role="cell" class="n" data-label="Growth">${growthBytes === null ? unknown : growthInWords(growthBytes)}</td>
  </tr> `;
}

/** What was seen of a device, a line each. */
function notes(row: DeviceRow): Html {
  const { details, hold, unreadable, failedRunCount, findingCount } = row;
  const [failed] = details.failedRuns;
  const lines = [
    ...details.massChange,
    ...details.findings.map(({ key, what, snapshots }) =>
      [`${what}: ${key}`, snapshots.length > 0 ? `needed by ${snapshots.join(', ')}` : ''].filter(Boolean).join('; '),
    ),
    ...(findingCount > details.findings.length ? [`${countOf(findingCount, 'finding')} in all`] : []),
    ...details.refusals.map(({ message }) => message),
    ...(hold === null ? [] : [`on hold since ${timeInWords(hold.since)} UTC, by ${hold.by}: ${hold.reason}`]),
    ...(failedRunCount === 0 ? [] : [`${countOf(failedRunCount, 'run')} failed`]),
    ...(failed ? [`${timeInWords(failed.ended)} UTC, ${failed.code}: ${failed.message}`] : []),
    ...(unreadable === 0 ? [] : [`${countOf(unreadable, 'file')} could not be read`]),
  ];
  if (lines.length === 0) return NOTHING;
  return html`<ul class="notes">
    ${lines.map((line) => html`<li>${visibleText(line, NOTE_CHARS_MAX)}</li>`)}
  </ul>`;
}
