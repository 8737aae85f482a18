/** Leaves out of a schedule whatever it breaks without: halves first, then single commands; then smaller numbers. */
import type { Schedule } from './play.ts';

export async function shorten(schedule: Schedule, breaks: (shorter: Schedule) => Promise<boolean>): Promise<Schedule> {
  const young = { ...schedule, history: 0 };
  let best = (await breaks(young)) ? young : schedule;
  for (let isShorter = true; isShorter;) {
    isShorter = false;
    for (let width = best.commands.length >> 1 || 1; width >= 1; width >>= 1) {
      for (let at = 0; at + width <= best.commands.length;) {
        const shorter = { ...best, commands: best.commands.toSpliced(at, width) };
        if (await breaks(shorter)) {
          best = shorter;
          isShorter = true;
        } else at += width;
      }
    }
  }
  return withSmallerNumbers(best, breaks);
}

async function withSmallerNumbers(
  schedule: Schedule,
  breaks: (shorter: Schedule) => Promise<boolean>,
): Promise<Schedule> {
  let best = schedule;
  for (const at of best.commands.keys()) {
    for (const field of ['a', 'b', 'c'] as const) {
      const command = best.commands[at];
      if (command === undefined || command[field] === 0) continue;
      const smaller = { ...best, commands: best.commands.with(at, { ...command, [field]: 0 }) };
      if (await breaks(smaller)) best = smaller;
    }
  }
  return best;
}
