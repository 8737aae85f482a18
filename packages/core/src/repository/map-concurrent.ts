/** The one way to do several things at a time: bounded, in order, and nothing works on after the caller has left. */
export async function* mapConcurrent<In, Out>(
  items: Iterable<In> | AsyncIterable<In>,
  limit: number,
  run: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const running: Promise<Out>[] = [];
  try {
    for await (const item of items) {
      const task = run(item);
      task.catch(() => {}); // A failure surfaces where it is awaited; until then Node must not take it as unhandled.
      running.push(task);
      if (running.length >= limit) yield await (running.shift() as Promise<Out>);
    }
    while (running.length > 0) yield await (running.shift() as Promise<Out>);
  } finally {
    await Promise.allSettled(running);
  }
}
