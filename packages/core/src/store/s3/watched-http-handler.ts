/**
 * The SDK's HTTP handler, with one limit: a request in which nothing moves is given up, one that moves never is. Its own
 * time limits stay off, for they count a slow line, or the wait for a socket, as silence.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { KiB } from '../../limits.ts';
import type { S3Limits } from './options.ts';

type Handle = NodeHttpHandler['handle'];
type Request = Parameters<Handle>[0];
type Options = NonNullable<Parameters<Handle>[1]>;
type Answer = Awaited<ReturnType<Handle>>;

/** Bodies are handed over in pieces of this length, so that one can see them move. */
const PIECE_BYTES = 64 * KiB;
/** How often within the silence allowed one looks. */
const LOOKS = 4;

export type StallLimits = Pick<S3Limits, 'silenceMs' | 'unseenBytesMax' | 'unseenBytesPerSecond'>;

export class WatchedHttpHandler extends NodeHttpHandler {
  readonly #limits: StallLimits;

  constructor(options: ConstructorParameters<typeof NodeHttpHandler>[0], limits: StallLimits) {
    super(options);
    this.#limits = limits;
  }

  override async handle(request: Request, options: Options = {}): Promise<Answer> {
    const watch = new RequestWatch(this.#limits);
    const signal = options.abortSignal as AbortSignal | undefined;
    const forward = (): void => watch.abort(signal?.reason);
    if (signal?.aborted === true) forward();
    signal?.addEventListener('abort', forward, { once: true });
    const done = (): void => {
      signal?.removeEventListener('abort', forward);
      watch.stop();
    };
    try {
      const body: unknown = request.body;
      const watched = body instanceof Uint8Array ? withBody(request, watch.pieces(body)) : request;
      const answer = await super.handle(watched, { ...options, abortSignal: watch.signal });
      watch.answered(answer.response.body as IncomingMessage, done);
      return answer;
    } catch (error) {
      done();
      throw watch.stalled ?? error;
    }
  }
}

const withBody = (request: Request, body: unknown): Request =>
  Object.assign(Object.create(Object.getPrototypeOf(request) as object) as Request, request, { body });

/** Watches one request from its first byte to the last byte of its answer. */
class RequestWatch {
  readonly #limits: StallLimits;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #bodyBytes = 0;
  #handedOver = 0;
  #answer: IncomingMessage | undefined;
  #movedBefore = 0;
  #quietLooks = 0;
  /** Set when this watch has ended the request. */
  stalled: Error | undefined;

  constructor(limits: StallLimits) {
    this.#limits = limits;
    // Looks are counted, not times compared: a computer that slept is not one that waited.
    this.#timer = setInterval(() => this.#look(), limits.silenceMs / LOOKS);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The body as a stream of views; each piece asked for shows that those before it have moved on. */
  pieces(body: Uint8Array): Uint8Array | Readable {
    this.#bodyBytes = body.byteLength;
    if (body.byteLength <= PIECE_BYTES) {
      this.#handedOver = body.byteLength;
      return body;
    }
    const count = (bytes: number): void => {
      this.#handedOver = bytes;
    };
    function* cut(): Generator<Uint8Array> {
      for (let at = 0; at < body.byteLength; at += PIECE_BYTES) {
        count(at);
        yield body.subarray(at, at + PIECE_BYTES);
      }
      count(body.byteLength);
    }
    return Readable.from(cut(), { objectMode: false, highWaterMark: PIECE_BYTES });
  }

  /** From here on the answer's bytes are watched. `done` is called when they end, in whatever way. */
  answered(answer: IncomingMessage, done: () => void): void {
    this.#answer = answer;
    answer.once('close', () => {
      done();
      // A server may answer without having read everything: the rest must not keep a socket busy.
      if (this.#handedOver < this.#bodyBytes) this.#controller.abort();
    });
  }

  #look(): void {
    const moved = this.#handedOver + bytesReadFor(this.#answer);
    this.#quietLooks = moved === this.#movedBefore ? this.#quietLooks + 1 : 0;
    this.#movedBefore = moved;
    if (this.#quietLooks * (this.#limits.silenceMs / LOOKS) >= this.#silenceAllowedMs()) this.#stall();
  }

  /** Until there is an answer, some of what was handed over may still be on its way out of the system's buffers. */
  #silenceAllowedMs(): number {
    const { silenceMs, unseenBytesMax, unseenBytesPerSecond } = this.#limits;
    if (this.#answer !== undefined) return silenceMs;
    return silenceMs + (Math.min(this.#handedOver, unseenBytesMax) / unseenBytesPerSecond) * 1000;
  }

  #stall(): void {
    const stalled = Object.assign(new Error('the request stalled: nothing moved any more'), { code: 'ETIMEDOUT' });
    this.stalled = stalled;
    this.stop();
    this.#answer?.destroy(stalled);
    this.#controller.abort(stalled);
  }
}

/** An answer that has ended may have given its socket back. */
function bytesReadFor(answer: IncomingMessage | undefined): number {
  const socket = answer?.socket as Socket | null | undefined;
  return socket?.bytesRead ?? 0;
}
