/**
 * Stands in front of an S3 endpoint and passes everything on as it came, the Host header above all, which the client has
 * signed. It tells what went by: operations, bytes, and how long a chain of requests waited for one another.
 */
import http from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { parseCall } from './s3-endpoint/call.ts';
import type { S3Call } from './s3-endpoint/call.ts';

export interface ProxiedRequest {
  readonly operation: S3Call['operation'];
  readonly method: string;
  /** Of a listing: its prefix. */
  readonly key: string;
  /** By a clock that only goes forward; compare them with one another only. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** Of the bodies, without headers. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Undefined: the connection broke. */
  readonly status: number | undefined;
}

export interface CountingProxy {
  /** What the client is given as its endpoint. */
  readonly url: string;
  /** Requests that have ended, in the order in which they did. */
  readonly log: readonly ProxiedRequest[];
  /** Requests by operation since the last call of `clear`. */
  counts(): Readonly<Record<string, number>>;
  /** Forgets what went by so far. */
  clear(): void;
  close(): Promise<void>;
}

/** A request whose head has come. */
export interface ArrivedRequest extends Pick<ProxiedRequest, 'operation' | 'method' | 'key'> {
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** All of its body, which is passed on all the same. */
  body(): Promise<Buffer>;
}

export interface AnswerInstead {
  readonly type: 'answer';
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** What happens to a request instead of being passed on whole. */
export type Interception =
  | AnswerInstead
  /** The connection to the client is cut after this many bytes of the request's body. */
  | { readonly type: 'cut'; readonly afterBytes: number };

/** What becomes of the endpoint's answers. */
export interface AnswerChanges {
  /** Asked for each answer; undefined passes it on. The endpoint has done what it was asked for. */
  readonly revise?: (request: ArrivedRequest, status: number) => AnswerInstead | undefined;
  /** The `Date` of answers is so much ahead. */
  readonly dateAheadMs?: () => number;
}

/**
 * For endpoints over plain http that are addressed by path. `intercept` is asked for each request; undefined passes it
 * on.
 */
export async function startCountingProxy(
  target: string,
  intercept: (request: ArrivedRequest) => Interception | undefined | Promise<Interception | undefined> = () =>
    undefined,
  changes: AnswerChanges = {},
): Promise<CountingProxy> {
  const upstream = new URL(target);
  const agent = new http.Agent({ keepAlive: true });
  const log: ProxiedRequest[] = [];

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const entry = openEntry(incoming);
    let read: Buffer | undefined;
    const arrived: ArrivedRequest = {
      operation: entry.operation,
      key: entry.key,
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: async () => (read ??= Buffer.concat(await incoming.toArray())),
    };
    const interception = await intercept(arrived);
    if (outgoing.destroyed) return; // The client has gone away meanwhile.
    if (interception !== undefined) return meet(interception, incoming, outgoing);
    const forwarded = http.request({
      agent,
      host: upstream.hostname,
      port: upstream.port,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.rawHeaders,
    });
    forwarded.once('response', (answer) => {
      const instead = changes.revise?.(arrived, answer.statusCode ?? 0);
      if (instead === undefined) return passOn(answer, outgoing, entry, changes);
      answer.resume();
      entry.status = instead.status;
      answerInstead(instead, outgoing);
    });
    forwarded.once('error', () => outgoing.destroy());
    outgoing.once('close', () => {
      log.push(entry.ended());
      if (!outgoing.writableFinished) forwarded.destroy();
    });
    if (read === undefined) {
      incoming.on('data', (chunk: Buffer) => (entry.bytesSent += chunk.length));
      incoming.pipe(forwarded);
    } else {
      entry.bytesSent = read.length;
      forwarded.end(read);
    }
  };
  const server = http.createServer({ requestTimeout: 0, keepAliveTimeout: 600_000 }, (incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    counts() {
      const counts: Record<string, number> = {};
      for (const { operation } of log) counts[operation] = (counts[operation] ?? 0) + 1;
      return counts;
    },
    clear: () => void log.splice(0),
    close() {
      agent.destroy();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/**
 * The longest chain of requests of which each started after the one before it had ended: how many round trips the whole
 * takes at least, however many requests go at the same time.
 */
export function longestChain(requests: readonly ProxiedRequest[]): number {
  let chain = 0;
  let endedMs = -Infinity;
  for (const request of requests.toSorted((a, b) => a.endedMs - b.endedMs)) {
    if (request.startedMs < endedMs) continue;
    chain += 1;
    endedMs = request.endedMs;
  }
  return chain;
}

interface Entry {
  readonly operation: S3Call['operation'];
  readonly key: string;
  bytesSent: number;
  bytesReceived: number;
  status: number | undefined;
  ended(): ProxiedRequest;
}

function openEntry({ method = '', url = '' }: IncomingMessage): Entry {
  const { operation, key } = parseCall(method, url);
  const startedMs = performance.now();
  return {
    operation,
    key,
    bytesSent: 0,
    bytesReceived: 0,
    status: undefined,
    ended() {
      const { bytesSent, bytesReceived, status } = this;
      return { operation, method, key, startedMs, endedMs: performance.now(), bytesSent, bytesReceived, status };
    },
  };
}

function meet(interception: Interception, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (interception.type === 'answer') {
    const answer = (): void => answerInstead(interception, outgoing);
    if (incoming.readableEnded) answer();
    else incoming.resume().once('end', answer);
    return;
  }
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes >= interception.afterBytes) incoming.destroy();
  });
}

function answerInstead({ status, code, message }: AnswerInstead, outgoing: ServerResponse): void {
  outgoing.writeHead(status, { 'content-type': 'application/xml', date: new Date().toUTCString() });
  outgoing.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}

function passOn(answer: IncomingMessage, outgoing: ServerResponse, entry: Entry, { dateAheadMs }: AnswerChanges): void {
  entry.status = answer.statusCode;
  outgoing.sendDate = false;
  const headers = dateAheadMs === undefined ? answer.rawHeaders : redated(answer.rawHeaders, dateAheadMs());
  outgoing.writeHead(answer.statusCode ?? 502, headers);
  answer.on('data', (chunk: Buffer) => (entry.bytesReceived += chunk.length));
  answer.pipe(outgoing);
  // An answer that breaks off breaks off here as well.
  answer.once('error', () => outgoing.destroy());
}

/** Names and values in turn. */
const redated = (rawHeaders: readonly string[], aheadMs: number): string[] =>
  rawHeaders.map((text, i) =>
    i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'date'
      ? new Date(Date.parse(text) + aheadMs).toUTCString()
      : text,
  );
