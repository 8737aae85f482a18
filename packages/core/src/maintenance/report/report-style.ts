/** The report's style: the system's fonts, two palettes, cards instead of tables on narrow screens. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f5f2; --sheet: #ffffff; --ink: #1c2024; --soft: #565d66; --rule: #e2e0da; --well: #f1f0ec;
  --blue: #2a5f9e; --blue-wash: #dce7f3; --amber: #8a5a00; --amber-wash: #f9ecd0; --red: #b3261e; --red-wash: #fbe3e0;
  --green: #22683a; --green-wash: #dff0e3; --grey-wash: #e9e8e4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14161a; --sheet: #1c1f24; --ink: #e8e8e5; --soft: #a4abb3; --rule: #31353c; --well: #262a30;
    --blue: #86b7ec; --blue-wash: #21364e; --amber: #efc067; --amber-wash: #3d2f12; --red: #ff9d93; --red-wash: #4a211e;
    --green: #8fd3a3; --green-wash: #1d3a27; --grey-wash: #30343a;
  }
}
*, *::before { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
main { max-width: 1180px; margin: 0 auto; padding: 40px 32px 56px; }
h1, h2, h3, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
h1 { font-size: 32px; line-height: 1.2; font-weight: 650; letter-spacing: -0.015em; text-wrap: balance; }
h2 { font-size: 20px; line-height: 1.3; font-weight: 650; letter-spacing: -0.005em; margin-bottom: 16px; }
h3 { font-size: 17px; line-height: 1.4; font-weight: 650; }
section { margin-top: 48px; }
code { font: 0.875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.over { color: var(--soft); font-size: 14px; font-weight: 600; margin-bottom: 4px; }
.sub { color: var(--soft); margin-top: 8px; }
.none { color: var(--soft); }

.figures { display: grid; grid-template-columns: repeat(4, 1fr); margin-top: 32px; border-top: 1px solid var(--rule); border-bottom: 1px solid var(--rule); }
.figures div { padding: 16px 16px 16px 20px; border-left: 1px solid var(--rule); }
.figures div:first-child { padding-left: 0; border-left: 0; }
.figures dd { line-height: 1.35; }
.figures dt { color: var(--soft); font-size: 14px; }
.figures b { display: block; font-size: 26px; line-height: 1.3; font-weight: 600; letter-spacing: -0.01em; }
.figures span { color: var(--soft); font-size: 14px; }

.actions { list-style: none; display: grid; gap: 16px; }
.action { background: var(--sheet); border: 1px solid var(--rule); border-left: 4px solid var(--tone, var(--amber)); border-radius: 6px; padding: 18px 24px 20px; }
.action.flagged, .action.damaged { --tone: var(--red); }
.action.refused, .action.held { --tone: var(--blue); }
.action p { max-width: 75ch; margin-top: 4px; }
.action .meaning { color: var(--soft); }
.action p + p { margin-top: 8px; }
.action p code { background: var(--well); border-radius: 4px; padding: 1px 5px; white-space: nowrap; }
.named { list-style: none; margin-top: 12px; border-top: 1px solid var(--rule); }
.named li { display: grid; grid-template-columns: minmax(140px, 210px) 1fr auto; gap: 2px 20px; align-items: baseline; padding: 10px 0; border-bottom: 1px solid var(--rule); }
.named li:last-child { border-bottom: 0; padding-bottom: 0; }
.named b { font-weight: 600; }
.named .seen { color: var(--soft); }
.command { background: var(--well); border-radius: 4px; padding: 3px 8px; user-select: all; }
.new { display: inline-block; background: var(--grey-wash); color: var(--ink); border-radius: 4px; padding: 0 6px; font-size: 13px; line-height: 20px; font-weight: 500; vertical-align: 1px; }

.charts { display: grid; grid-template-columns: repeat(3, 1fr); gap: 16px; }
figure { background: var(--sheet); border: 1px solid var(--rule); border-radius: 6px; padding: 16px 20px 14px; min-width: 0; }
figcaption { font-size: 14px; line-height: 1.45; margin-bottom: 10px; min-height: 41px; }
figcaption b { display: block; font-weight: 650; }
figcaption span { color: var(--soft); }
svg { display: block; width: 100%; height: auto; font-size: 11.5px; }
svg text { fill: var(--soft); }
svg .strong { fill: var(--ink); font-weight: 600; }
.axis { stroke: var(--soft); stroke-width: 1; opacity: .6; }
.grid { stroke: var(--rule); stroke-width: 1; }
.area { fill: var(--blue-wash); opacity: .75; }
.line { fill: none; stroke: var(--blue); stroke-width: 2; stroke-linejoin: round; }
.dot, .sent, .fresh { fill: var(--blue); }
.removed, .old { fill: var(--amber); }

details { margin-top: 16px; }
summary { cursor: pointer; padding: 8px 0; font-weight: 600; color: var(--blue); width: fit-content; }
summary:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; border-radius: 2px; }
table { width: 100%; border-collapse: collapse; font-size: 15px; line-height: 1.45; }
caption { text-align: left; color: var(--soft); font-size: 14px; padding-bottom: 8px; }
th, td { text-align: left; vertical-align: top; padding: 10px 20px 10px 0; font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-size: 13px; font-weight: 600; vertical-align: bottom; border-bottom: 1px solid var(--soft); padding-top: 6px; padding-bottom: 6px; }
tbody tr { border-bottom: 1px solid var(--rule); }
tbody th { font-weight: 600; }
th.n, td.n { text-align: right; white-space: nowrap; }
.devices th:first-child { width: 19%; }
.devices time { white-space: nowrap; }
.host { display: block; color: var(--soft); font-size: 13.5px; font-weight: 400; }
.notes { list-style: none; margin-top: 4px; font-size: 13.5px; color: var(--soft); }
.chip { display: inline-block; border-radius: 4px; padding: 1px 8px; font-size: 13.5px; line-height: 20px; font-weight: 600; background: var(--amber-wash); color: var(--amber); }
.chip.good { background: var(--green-wash); color: var(--green); }
.chip.flagged, .chip.damaged { background: var(--red-wash); color: var(--red); }
.chip.held, .chip.refused { background: var(--blue-wash); color: var(--blue); }
.chip.retired { background: var(--grey-wash); color: var(--soft); }
footer { margin-top: 48px; padding-top: 16px; border-top: 1px solid var(--rule); color: var(--soft); font-size: 14px; }
footer p { max-width: 90ch; }

@media (max-width: 960px) {
  .charts { grid-template-columns: 1fr 1fr; }
  .named li { grid-template-columns: 1fr; justify-items: start; }
  .named .command { margin-top: 4px; }
  .figures { grid-template-columns: 1fr 1fr; }
  .figures div:nth-child(odd) { padding-left: 0; border-left: 0; }
  .figures div:nth-child(n + 3) { border-top: 1px solid var(--rule); }
}
@media (max-width: 720px) {
  .action p code { white-space: normal; }
  main { padding: 24px 16px 40px; }
  h1 { font-size: 26px; }
  section { margin-top: 36px; }
  .figures { margin-top: 24px; }
  .figures div { padding: 12px 0 12px 14px; }
  .figures b { font-size: 21px; }
  .figures span, .figures dd { line-height: 1.35; }
.figures dt { font-size: 13px; }
  .action { padding: 14px 16px 16px; font-size: 15px; }
  .charts { grid-template-columns: 1fr; }
  figure { padding: 14px 14px 12px; }
  figcaption { min-height: 0; }
  .devices, .devices tbody, .devices caption { display: block; }
  .devices thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .devices tr { display: block; background: var(--sheet); border: 1px solid var(--rule); border-radius: 6px; padding: 12px 16px; margin-bottom: 10px; }
  .devices th, .devices td, .devices th:first-child { display: block; width: auto; padding: 0; }
  .devices td { font-size: 14px; }
  .devices td.state { margin: 6px 0 8px; }
  .devices td[data-label] { display: flex; justify-content: space-between; gap: 16px; text-align: right; padding: 2px 0; white-space: normal; }
  .devices td[data-label]::before { content: attr(data-label); color: var(--soft); text-align: left; }
  .devices td .host { display: inline; margin-left: 6px; }
  .nights { font-size: 12px; }
  .nights th, .nights td { padding: 6px 6px 6px 0; white-space: normal; }
  .nights thead th { font-size: 11px; overflow-wrap: normal; }
  .nights :is(th, td):last-child { padding-right: 0; }
  .nights :is(th, td):nth-child(2) { display: none; }
}
@media print {
  main { max-width: none; padding: 0; }
  figure, .action, tr { break-inside: avoid; }
}
`;
