/**
 * Runs the function of a bundle as Lambda does: loads it once, then gives it one event after the other. Its arguments: the
 * bundle, and the name under which it exports the function.
 */
import fs from 'node:fs';

interface Invocation {
  readonly number: number;
  readonly event: unknown;
  /** The time that is left when it begins. */
  readonly remainingMs: number;
}

const [, , bundle = '', exported = ''] = process.argv;
const { [exported]: handler } = (await import(bundle)) as Record<
  string,
  (event: unknown, context: object) => Promise<unknown>
>;
if (handler === undefined) throw new Error(`${bundle} exports no ${exported}`);

process.on('message', ({ number, event, remainingMs }: Invocation) => {
  const startedMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const context = { getRemainingTimeInMillis: () => Math.round(remainingMs - (performance.now() - startedMs)) };
  const answer = (outcome: object): void => {
    const { user, system } = process.cpuUsage(cpuBefore);
    const usage = {
      wallMs: performance.now() - startedMs,
      cpuMs: (user + system) / 1000,
      rssBytesMax: rssBytesMax(),
    };
    process.send?.({ number, usage, ...outcome });
  };
  handler(event, context).then(
    (result) => answer({ result }),
    (error: unknown) => answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.send?.({ number: 0, usage: { wallMs: performance.now(), cpuMs: 0, rssBytesMax: rssBytesMax() } });

/** Not resourceUsage().maxRSS: that begins with what the parent had. */
function rssBytesMax(): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(fs.readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kib) * 1024;
}
