/**
 * Stands in front of an S3 endpoint and passes everything on as it came, the Host header above all, which the client has
 * signed. It tells what went by: operations, bytes, and how long a chain of requests waited for one another.
 */
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
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

/** What happens to a request instead of being passed on whole. */
export type Interception =
  | { readonly type: 'answer'; readonly status: number; readonly code: string; readonly message: string }
  /** The connection to the client is cut after this many bytes of the request's body. */
  | { readonly type: 'cut'; readonly afterBytes: number };

/**
 * For endpoints over plain http that are addressed by path. `intercept` is asked for each request; undefined passes it
 * on.
 */
export async function startCountingProxy(
  target: string,
  intercept: (request: Pick<ProxiedRequest, 'operation' | 'key'>) => Interception | undefined = () => undefined,
): Promise<CountingProxy> {
  const upstream = new URL(target);
  const agent = new http.Agent({ keepAlive: true });
  const log: ProxiedRequest[] = [];

  const server = http.createServer({ requestTimeout: 0, keepAliveTimeout: 600_000 }, (incoming, outgoing) => {
    const entry = openEntry(incoming);
    const interception = intercept(entry);
    if (interception !== undefined) {
      meet(interception, incoming, outgoing);
      return;
    }
    const forwarded = http.request({
      agent,
      host: upstream.hostname,
      port: upstream.port,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.rawHeaders,
    });
    forwarded.once('response', (answer) => passOn(answer, outgoing, entry));
    forwarded.once('error', () => outgoing.destroy());
    outgoing.once('close', () => {
      log.push(entry.ended());
      if (!outgoing.writableFinished) forwarded.destroy();
    });
    incoming.on('data', (chunk: Buffer) => (entry.bytesSent += chunk.length));
    incoming.pipe(forwarded);
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
    const { status, code, message } = interception;
    incoming.resume().once('end', () => {
      outgoing.writeHead(status, { 'content-type': 'application/xml', date: new Date().toUTCString() });
      outgoing.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);
    });
    return;
  }
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes >= interception.afterBytes) incoming.destroy();
  });
}

function passOn(answer: IncomingMessage, outgoing: ServerResponse, entry: Entry): void {
  entry.status = answer.statusCode;
  outgoing.sendDate = false;
  outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
  answer.on('data', (chunk: Buffer) => (entry.bytesReceived += chunk.length));
  answer.pipe(outgoing);
  // An answer that breaks off breaks off here as well.
  answer.once('error', () => outgoing.destroy());
}
