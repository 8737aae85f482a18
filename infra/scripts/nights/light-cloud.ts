/**
 * As much of S3, SQS, SNS and CloudWatch as the nightly functions use, in this process, without a check of anything: it
 * is there to count requests, and large enough for a fleet. Packs have a length and no bytes, for no night reads one.
 */
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { answerS3 } from './light-s3.ts';
import type { Objects } from './light-s3.ts';

export interface LightCloud {
  readonly url: string;
  /** By operation, of all services, since the last call of `takeCounts`. */
  takeCounts(): Record<string, number>;
  /** Bodies of messages that were sent to the queue, taken out; how long they were to be held back does not matter here. */
  takeMessages(): string[];
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** `latencyMs`: what an answer takes at least, as between Lambda and S3 of a region. */
export async function startLightCloud(objects: Objects, latencyMs: number): Promise<LightCloud> {
  let counts: Record<string, number> = {};
  const messages: string[] = [];
  const count = (name: string): void => void (counts[name] = (counts[name] ?? 0) + 1);
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const answer = request.method === 'POST' ? answerOthers(request, body, { count, messages }) : undefined;
    const { status, headers = {}, body: content = '' } = answer ?? answerS3(request, body, { objects, count });
    await wait(latencyMs);
    response.writeHead(status, { 'content-length': Buffer.byteLength(content), ...headers });
    response.end(request.method === 'HEAD' ? undefined : content);
  };
  const server = http.createServer({ keepAliveTimeout: 600_000, requestTimeout: 0 }, (request, response) => {
    serve(request, response).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeCounts() {
      const taken = counts;
      counts = {};
      return taken;
    },
    takeMessages: () => messages.splice(0),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

interface Recorder {
  readonly count: (name: string) => void;
  readonly messages: string[];
}

interface Sent {
  readonly MessageBody: string;
  readonly Entries?: readonly { readonly Id: string; readonly MessageBody: string }[];
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

function answerOthers(request: IncomingMessage, body: Buffer, { count, messages }: Recorder): Answer {
  const target = String(request.headers['x-amz-target'] ?? '');
  if (target.startsWith('AmazonSQS.')) {
    const { MessageBody: single, Entries: entries } = JSON.parse(body.toString()) as Sent;
    messages.push(...(entries?.map((entry) => entry.MessageBody) ?? [single]));
    count('SQS send');
    const receipt = (text: string) => ({ MessageId: '1', MD5OfMessageBody: md5(text) });
    const answer =
      entries === undefined
        ? receipt(single)
        : { Successful: entries.map(({ Id, MessageBody }) => ({ Id, ...receipt(MessageBody) })), Failed: [] };
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(answer) };
  }
  const isMetric =
    target.includes('Granite') ||
    (request.url ?? '').includes('PutMetricData') ||
    /PutMetricData/.test(body.toString('latin1'));
  count(isMetric ? 'CloudWatch put' : 'SNS publish');
  const protocol = request.headers['smithy-protocol'];
  if (protocol === 'rpc-v2-cbor')
    return {
      status: 200,
      headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' },
      body: Buffer.from([0xa0]),
    };
  if (target !== '') return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: '{}' };
  const name = isMetric ? 'PutMetricData' : 'Publish';
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: `<${name}Response><${name}Result><MessageId>1</MessageId></${name}Result></${name}Response>`,
  };
}
