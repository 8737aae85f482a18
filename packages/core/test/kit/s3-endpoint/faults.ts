/** Faults on demand, one after the other where several match. Each that is asked for must be hit: a test whose fault never happened proves nothing. */
import type { Operation, S3Call } from './call.ts';

export type FaultEffect =
  /** An answer instead of the operation; without a body, S3's error document with this code. */
  | {
      readonly type: 'answer';
      readonly status: number;
      readonly code?: string;
      readonly fields?: Readonly<Record<string, string>>;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The connection is cut before anything is done. */
  | { readonly type: 'cut-before' }
  /** Everything is done, then the connection is cut instead of the answer. */
  | { readonly type: 'cut-after' }
  /** The connection is cut after this many bytes of the request's body; nothing is done. */
  | { readonly type: 'cut-upload'; readonly afterBytes: number }
  /** The connection is cut after this many bytes of the answer's body. */
  | { readonly type: 'cut-download'; readonly afterBytes: number }
  /** The request's body is not read, or everything is done, and never an answer. */
  | { readonly type: 'stall'; readonly before: 'reading' | 'answering' }
  /** The answer's body stops after this many bytes, and nothing more comes. */
  | { readonly type: 'stall-download'; readonly afterBytes: number }
  /** An error document, before a byte of the request's body was read. */
  | { readonly type: 'answer-unread'; readonly status: number; readonly code: string }
  /** The request's body is read, and the answer's written, at this rate. */
  | { readonly type: 'slow'; readonly bytesPerSecond: number };

export interface Fault {
  readonly on: Operation;
  /** Default: any key. */
  readonly key?: RegExp;
  /** Of an upload's parts. */
  readonly partNumber?: number;
  /** Requests that match are let through so often first. Default 0. */
  readonly after?: number;
  /** And then meet the fault so often. Default 1. */
  readonly times?: number;
  readonly effect: FaultEffect;
}

export class Faults {
  readonly #waiting: { readonly fault: Fault; seen: number }[] = [];

  add(...faults: Fault[]): void {
    this.#waiting.push(...faults.map((fault) => ({ fault, seen: 0 })));
  }

  /** The effect that this request meets, if any. */
  take(call: S3Call): FaultEffect | undefined {
    const waiting = this.#waiting.find(({ fault, seen }) => matches(fault, call) && seen < lastOf(fault));
    if (waiting === undefined) return undefined;
    waiting.seen += 1;
    return waiting.seen > (waiting.fault.after ?? 0) ? waiting.fault.effect : undefined;
  }

  /** Throws if a fault was not met as often as was asked for. */
  verifyAllHit(): void {
    const missed = this.#waiting.filter(({ fault, seen }) => seen < lastOf(fault));
    if (missed.length === 0) return;
    const words = missed.map(
      ({ fault, seen }) => `${fault.on} ${fault.effect.type}: ${seen} of ${lastOf(fault)} requests came`,
    );
    throw new Error(`faults were not hit: ${words.join('; ')}`);
  }
}

const lastOf = ({ after = 0, times = 1 }: Fault): number => after + times;

function matches({ on, key, partNumber }: Fault, call: S3Call): boolean {
  if (on !== call.operation) return false;
  if (key !== undefined && !key.test(call.key)) return false;
  return partNumber === undefined || call.query.get('partNumber') === String(partNumber);
}
