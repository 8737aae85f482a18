import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

/** Requests by kind: the method, or LIST for a listing of keys. */
export type RequestCounts = Readonly<Record<string, number>>;

/** Stands between a tool and an S3 endpoint and counts; for runs of their own, since it would slow timed ones down. */
export interface CountingForwarder {
  /** What the tool is given as its endpoint. */
  readonly endpoint: string;
  /** What came since the last call. */
  takeCounts(): RequestCounts;
  close(): Promise<void>;
}

/**
 * Everything is passed on as it came, the Host header above all: the client has signed the forwarder's host, and a
 * server that is addressed by path checks the signature against the header that it receives. (AWS itself finds its
 * buckets by that header, so it cannot be counted this way.)
 */
export async function startCountingForwarder(target: string): Promise<CountingForwarder> {
  const upstream = new URL(target);
  const { request } = upstream.protocol === 'https:' ? https : http;
  const agent = new (upstream.protocol === 'https:' ? https : http).Agent({ keepAlive: true });
  let counts: Record<string, number> = {};

  // No time limits of its own: only the tool and the server behind it have a say.
  const server = http.createServer({ requestTimeout: 0, keepAliveTimeout: 600_000 });
  const forward = (incoming: http.IncomingMessage, outgoing: http.ServerResponse) => {
    const kind = kindOf(incoming.method ?? '', incoming.url ?? '');
    counts[kind] = (counts[kind] ?? 0) + 1;
    const forwarded = request({
      agent,
      host: upstream.hostname,
      port: upstream.port || undefined,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.rawHeaders,
    });
    passAnswer(forwarded, incoming, outgoing);
    return forwarded;
  };
  server.on('request', (incoming, outgoing) => incoming.pipe(forward(incoming, outgoing)));
  server.on('checkContinue', (incoming, outgoing) => {
    // The server decides whether it wants the body: one that refuses resets a connection on which it comes anyway.
    const forwarded = forward(incoming, outgoing);
    forwarded.once('continue', () => {
      outgoing.writeContinue();
      incoming.pipe(forwarded);
    });
    forwarded.flushHeaders();
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeCounts() {
      const taken = counts;
      counts = {};
      return taken;
    },
    close() {
      agent.destroy();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function passAnswer(
  forwarded: http.ClientRequest,
  incoming: http.IncomingMessage,
  outgoing: http.ServerResponse,
): void {
  forwarded.once('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, withoutConnection(answer.rawHeaders));
    answer.pipe(outgoing);
    // Passed on, too, when an answer breaks off in the middle.
    answer.on('error', () => outgoing.destroy());
  });
  forwarded.on('error', () => {
    // One that was refused and cut off in the middle of its body has its answer already.
    if (!outgoing.headersSent) outgoing.destroy();
  });
  // What the server no longer wants is still read from the client, which otherwise waits for ever to send it.
  forwarded.once('close', () => incoming.unpipe(forwarded).resume());
  outgoing.once('close', () => forwarded.destroy());
}

/** Names and values by turns; what a server says of its own connection is not said of the client's. */
function withoutConnection(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => {
    const name = rawHeaders[index - (index % 2)]!;
    return !/^(connection|keep-alive)$/i.test(name);
  });
}

/** A listing is a GET of the bucket itself with a parameter that only listings have. */
function kindOf(method: string, path: string): string {
  const url = new URL(path, 'http://endpoint');
  const isBucket = url.pathname.split('/').filter((part) => part !== '').length <= 1;
  const lists = ['list-type', 'prefix', 'delimiter', 'versions'].some((name) => url.searchParams.has(name));
  return method === 'GET' && isBucket && lists ? 'LIST' : method;
}
