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
  const server = http.createServer({ requestTimeout: 0, keepAliveTimeout: 600_000 }, (incoming, outgoing) => {
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
    forwarded.once('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
      // Passed on, too, when an answer breaks off in the middle.
      answer.once('error', () => outgoing.destroy());
    });
    forwarded.once('error', () => outgoing.destroy());
    outgoing.once('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
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

/** A listing is a GET of the bucket itself with a parameter that only listings have. */
function kindOf(method: string, path: string): string {
  const url = new URL(path, 'http://endpoint');
  const isBucket = url.pathname.split('/').filter((part) => part !== '').length <= 1;
  const lists = ['list-type', 'prefix', 'delimiter', 'versions'].some((name) => url.searchParams.has(name));
  return method === 'GET' && isBucket && lists ? 'LIST' : method;
}
