/** EventBridge's way of matching an event with a pattern, as far as the rules use it: values, objects, and `$or`. */

type Pattern = Readonly<Record<string, unknown>>;

/** What lies in a list matches if any of it does. */
export function matchesEvent(pattern: Pattern, event: unknown): boolean {
  if (Array.isArray(event)) return event.some((one) => matchesEvent(pattern, one));
  if (typeof event !== 'object' || event === null) return false;
  return Object.entries(pattern).every(([name, wanted]) => {
    if (name === '$or') return (wanted as readonly Pattern[]).some((one) => matchesEvent(one, event));
    const given = (event as Readonly<Record<string, unknown>>)[name];
    return Array.isArray(wanted)
      ? [given].flat().some((one) => wanted.includes(one))
      : matchesEvent(wanted as Pattern, given);
  });
}
