/** Runs the function of a bundle as Lambda does: loads it once, then gives it one event after the other. */
interface Invocation {
  readonly number: number;
  readonly event: unknown;
  /** The time that is left when it begins. */
  readonly remainingMs: number;
}

const { handler } = (await import(process.argv[2] ?? '')) as {
  handler: (event: unknown, context: object) => Promise<unknown>;
};

process.on('message', ({ number, event, remainingMs }: Invocation) => {
  const startedMs = performance.now();
  const context = { getRemainingTimeInMillis: () => Math.round(remainingMs - (performance.now() - startedMs)) };
  const answer = (outcome: object): void => void process.send?.({ number, ...outcome });
  handler(event, context).then(
    (result) => answer({ result }),
    (error: unknown) => answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.send?.({ number: 0 });
