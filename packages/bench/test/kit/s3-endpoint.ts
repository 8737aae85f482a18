import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

interface ReceivedRequest {
  readonly line: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface TestEndpoint {
  readonly url: string;
  readonly received: ReceivedRequest[];
  /** Bytes by key, of the one bucket there is. */
  readonly objects: Map<string, Buffer>;
  /** Answers every request with this status from now on. */
  answerAlways(status: number, body: string): void;
}

const KEYS_PER_PAGE = 2;

/** As much of S3 as the bench itself uses; the bucket appears when it is made. */
export async function startTestEndpoint(bucket: string): Promise<TestEndpoint> {
  const received: ReceivedRequest[] = [];
  const objects = new Map<string, Buffer>();
  let exists = false;
  let fixed: [number, string] | undefined;
  const answer = (method: string, url: URL, body: Buffer): [number, string] => {
    const key = decodeURIComponent(url.pathname).slice(`/${bucket}`.length + 1);
    if (fixed) return fixed;
    if (key === '' && method === 'PUT') exists = true;
    if (!exists) return [404, '<Error><Code>NoSuchBucket</Code></Error>'];
    if (key === '') return [200, method === 'GET' ? listing(objects, url) : ''];
    if (method === 'PUT') objects.set(key, body);
    if (method === 'DELETE') objects.delete(key);
    return [method === 'DELETE' ? 204 : 200, ''];
  };
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      received.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      const [status, text] = answer(request.method ?? '', new URL(request.url ?? '', 'http://endpoint'), body);
      response.writeHead(status, { 'x-amz-request-id': 'an id' }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, received, objects, answerAlways: (status, body) => (fixed = [status, body]) };
}

function listing(objects: ReadonlyMap<string, Buffer>, url: URL): string {
  const prefix = url.searchParams.get('prefix') ?? '';
  const from = Number(url.searchParams.get('continuation-token') ?? 0);
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
  const page = keys.slice(from, from + KEYS_PER_PAGE);
  const next = from + page.length;
  const contents = page.map(
    (key) => `<Contents><Key>${key.replaceAll('&', '&amp;')}</Key><Size>${objects.get(key)!.length}</Size></Contents>`,
  );
  const more = next < keys.length ? `<NextContinuationToken>${next}</NextContinuationToken>` : '';
  return `<?xml version="1.0"?><ListBucketResult>${contents.join('')}${more}</ListBucketResult>`;
}
