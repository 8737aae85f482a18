/** A night of devices that write markup, controls and far too much wherever a device can write anything. */
import type { NightResult } from '../../../src/index.ts';
import type { NightSummary } from '../../../src/maintenance/report/night-summary.ts';
import { ENDED, result, summary, troubles } from './fleet.ts';

export const HOSTILE_TEXTS = [
  '<script>globalThis.hit = 1; document.title = "hit"</script>',
  '"><img src=x onerror="document.title=\'hit\'">',
  "' onmouseover='document.title=1' x='",
  '</style><style>*{display:none}</style></title></svg><script>document.title="hit"</script>',
  '<!-- <iframe src="//example.com/"></iframe>',
  '<meta http-equiv="refresh" content="0;url=//example.com/">',
  '<a href="javascript:document.title=1">All is well</a>',
  'invoice\u202Efdp.exe\u0000\u0007\n\r\u2028\u{E0041}\uD800',
  `e${'\u0301'.repeat(9000)}`,
  'W'.repeat(10_000),
  '`backup-agent hold clear laptop-1` &lt;b&gt; &amp;#60;',
];

/** This text in every place of a result that a device can fill. */
function hostileResult(device: string, text: string): NightResult {
  const usual = result(device);
  const { newest } = usual.snapshots;
  const [failed] = troubles.failed.freshness.failedRuns;
  const [finding] = troubles.damaged.verification.findings;
  return result(device, {
    snapshots: { newest: newest && { ...newest, host: text }, damaged: [text] },
    verification: { findingCount: 1, findings: [{ ...finding, key: text, what: text }] },
    refusals: [{ code: text, message: text }],
    freshness: { stale: true, failedRunCount: 1, failedRuns: [{ ...failed, host: text, code: text, message: text }] },
    massChange: { reasons: [text] },
    hold: { since: ENDED.toISOString(), by: text, reason: text },
    unknownKeys: { count: 1, examples: [text] },
  });
}

export const hostileNight = (texts: readonly string[] = HOSTILE_TEXTS): NightSummary =>
  summary(texts.map((text, i) => hostileResult(`laptop-${i}`, text)));
