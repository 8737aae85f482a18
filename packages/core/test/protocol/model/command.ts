/** A step of a schedule: every kind can be performed at any moment, so that shortened schedules still mean something. */
import fc from 'fast-check';
import type { Stage } from './stage.ts';

/** Small numbers that a kind reads as it likes. */
export interface Command {
  readonly kind: string;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export interface CommandKind {
  readonly kind: string;
  readonly weight: number;
  /** The largest values that make a difference. */
  readonly max: readonly [a: number, b: number, c: number];
  perform(stage: Stage, command: Command): Promise<void>;
}

export const commandOf = ({ kind, max: [a, b, c] }: CommandKind): fc.Arbitrary<Command> =>
  fc.nat((a + 1) * (b + 1) * (c + 1) - 1).map((n) => ({
    kind,
    a: n % (a + 1),
    b: Math.floor(n / (a + 1)) % (b + 1),
    c: Math.floor(n / ((a + 1) * (b + 1))),
  }));

export const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
