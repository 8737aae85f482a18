/** Charts as inline SVG. What they show is also told in words and in the table of nights: none is needed to read a report. */
import { html, NOTHING } from './html.ts';
import type { Html } from './html.ts';
import type { DeviceRow, NightSummary } from './night-summary.ts';
import { bytesInWords, countInWords, countOf } from './quantities.ts';

/** Units of the drawing are about a pixel on a phone, so letters in it are as large as elsewhere. */
const WIDTH = 320;
const HEIGHT = 170;
const LEFT = 4;
const RIGHT = 316;
const TOP = 22;
const BOTTOM = 146;

/** What is stored, night by night. */
export function storedChart(nights: readonly NightSummary[]): Html {
  const values = nights.map(({ totals }) => totals.storedBytes);
  const top = roundUp(Math.max(...values, 1));
  const points = values.map((value, i) => `${round(xOf(i, nights.length))},${round(yOf(value, top))}`).join(' ');
  const [left, right] = [round(xOf(0, nights.length)), round(xOf(nights.length - 1, nights.length))];
  const last = values.at(-1) ?? 0;
  const words = `${bytesInWords(values[0] ?? 0)} to ${bytesInWords(last)} in ${countOf(nights.length, 'night')}.`;
  return figure(
    { id: 'stored', title: 'Stored', words },
    html`<polygon class="area" points="${left},${BOTTOM} ${points} ${right},${BOTTOM}" /> ${scale(top)}
      <polyline class="line" points="${points}" />
      <circle class="dot" cx="${right}" cy="${round(yOf(last, top))}" r="3.5" />
      ${dates(nights)}`,
  );
}

/** Bytes that devices sent, upwards, and bytes that nights removed, downwards, on one scale. */
export function byteChart(nights: readonly NightSummary[]): Html {
  const sent = nights.map(({ totals }) => totals.uploadedBytes);
  const removed = nights.map(({ totals }) => totals.removedBytes);
  const bytesPerUnit = Math.max(1, Math.max(...sent) + Math.max(...removed)) / (BOTTOM - TOP);
  const axis = TOP + Math.max(...sent) / bytesPerUnit;
  const step = (RIGHT - LEFT) / nights.length;
  const width = Math.min(24, step * 0.7);
  const bar = (kind: 'sent' | 'removed', bytes: number, i: number): Html => {
    const height = bytes / bytesPerUnit;
    const [x, y] = [LEFT + step * (i + 0.5) - width / 2, kind === 'sent' ? axis - height : axis];
    return html`<rect
      class="${kind}"
      x="${round(x)}"
      y="${round(y)}"
      width="${round(width)}"
      height="${round(height)}"
    />`;
  };
  const words = `${bytesInWords(sum(sent))} sent, ${bytesInWords(sum(removed))} removed in ${countOf(nights.length, 'night')}.`;
  return figure(
    { id: 'bytes', title: 'Sent and removed', words },
    html`${sent.map((bytes, i) => bar('sent', bytes, i))} ${removed.map((bytes, i) => bar('removed', bytes, i))}
      <line class="axis" x1="${LEFT}" x2="${RIGHT}" y1="${round(axis)}" y2="${round(axis)}" />
      <rect class="sent" x="${LEFT}" y="4" width="9" height="9" />
      <text x="${LEFT + 14}" y="12.5">sent, up</text>
      <rect class="removed" x="${LEFT + 78}" y="4" width="9" height="9" />
      <text x="${LEFT + 92}" y="12.5">removed, down</text>
      ${dates(nights)}`,
  );
}

const AGES: readonly (readonly [string, (hours: number | null) => boolean])[] = [
  ['under a day', (hours) => hours !== null && hours < 24],
  ['1 day', (hours) => hours !== null && hours >= 24 && hours < 48],
  ['2 days', (hours) => hours !== null && hours >= 48 && hours < 72],
  ['3 to 6 days', (hours) => hours !== null && hours >= 72 && hours < 168],
  ['7 to 29 days', (hours) => hours !== null && hours >= 168 && hours < 720],
  ['30 days or more', (hours) => hours !== null && hours >= 720],
  ['no backup', (hours) => hours === null],
];

/** Devices by the age of their last good backup. */
export function freshnessChart({ rows }: NightSummary): Html {
  const active = rows.filter(({ state }) => state !== 'retired');
  const counts = AGES.map(([, holds]) => active.filter(({ ageHours }: DeviceRow) => holds(ageHours)).length);
  const top = Math.max(...counts, 1);
  const [barLeft, barRight, step] = [112, 276, (BOTTOM + 16 - 8) / AGES.length];
  const bars = AGES.map(([name], i) => {
    const count = counts[i] ?? 0;
    const y = 8 + step * i;
    const width = count === 0 ? 0 : Math.max(2, (count / top) * (barRight - barLeft));
    return html`<text x="${barLeft - 8}" y="${round(y + step / 2 + 4)}" text-anchor="end">${name}</text>
      <rect
        class="${i < 3 ? 'fresh' : 'old'}"
        x="${barLeft}"
        y="${round(y + 3)}"
        width="${round(width)}"
        height="${round(step - 6)}"
      />
      <text class="strong" x="${round(barLeft + width + 6)}" y="${round(y + step / 2 + 4)}"
        >${countInWords(count)}</text
      > `;
  });
  const words = `${countInWords(counts[0] ?? 0)} of ${countOf(active.length, 'device')} backed up within a day.`;
  return figure({ id: 'ages', title: 'Age of the last good backup', words }, html`${bars}`);
}

function figure({ id, title, words }: { id: string; title: string; words: string }, drawing: Html): Html {
  return html`<figure>
    <figcaption><b>${title}</b> <span id="${id}-words">${words}</span></figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}" aria-describedby="${id}-words">
      ${drawing}
    </svg>
  </figure>`;
}

function scale(top: number): Html {
  const lines = [0, 0.5, 1].map((share) => {
    const y = round(yOf(top * share, top));
    const label = share === 0 ? NOTHING : html`<text x="${LEFT}" y="${y - 4}">${bytesInWords(top * share)}</text>`;
    return html`<line
        class="${share === 0 ? 'axis' : 'grid'}"
        x1="${LEFT}"
        x2="${RIGHT}"
        y1="${y}"
        y2="${y}"
      />${label}`;
  });
  return html`${lines}`;
}

/** The first and the last night under the axis. */
function dates(nights: readonly NightSummary[]): Html {
  const day = (night: NightSummary | undefined): string => night?.ended.slice(0, 10) ?? '';
  const first = nights.length < 2 ? NOTHING : html`<text x="${LEFT}" y="162">${day(nights[0])}</text>`;
  return html`${first}<text x="${RIGHT}" y="162" text-anchor="end">${day(nights.at(-1))}</text>`;
}

/** Where the night number `i` of `count` lies; a single one lies at the right. */
const xOf = (i: number, count: number): number =>
  count <= 1 ? RIGHT - 4 : LEFT + 2 + (i / (count - 1)) * (RIGHT - LEFT - 6);
const yOf = (value: number, top: number): number => BOTTOM - (value / top) * (BOTTOM - TOP);
const round = (value: number): number => Math.round(value * 10) / 10;
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** The next larger of 1, 2, 3, 4, 5, 6, 8 or 10 times a power of ten in its unit: so that the scale has short names. */
function roundUp(bytes: number): number {
  let unit = 1;
  while (bytes / unit >= 1024) unit *= 1024;
  const power = 10 ** Math.floor(Math.log10(bytes / unit));
  const steps = [1, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power * unit);
  return steps.find((step) => step >= bytes) ?? bytes;
}
