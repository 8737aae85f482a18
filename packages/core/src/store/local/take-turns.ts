/** Runs operations on the same key one after the other, in the order of the calls; other keys do not wait. */
export function takeTurns(): <T>(key: string, operation: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, operation) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(operation);
    const settled = turn.then(
      () => undefined,
      () => undefined, // Its own caller hears of the failure; the next one begins afresh.
    );
    last.set(key, settled);
    try {
      return await turn;
    } finally {
      if (last.get(key) === settled) last.delete(key);
    }
  };
}
