/** What was reached: a model that reaches nothing proves nothing. */
export class Tally {
  readonly counts = new Map<string, number>();

  note(event: string, times = 1): void {
    this.counts.set(event, (this.counts.get(event) ?? 0) + times);
  }

  sorted(): [event: string, times: number][] {
    return [...this.counts].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  add(other: Iterable<readonly [string, number]>): void {
    for (const [event, times] of other) this.note(event, times);
  }
}
