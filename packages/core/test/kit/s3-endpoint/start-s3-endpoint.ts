/**
 * An S3 endpoint for tests, in this process, on loopback: buckets in the path, Signature Version 4, conditional writes,
 * multipart uploads, checksums, SSE-KMS headers, versions, and faults on demand. It keeps everything in memory.
 */
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { parseCall } from './call.ts';
import type { Operation, S3Call } from './call.ts';
import { Faults } from './faults.ts';
import { archiveObject, finishThawing } from './archive.ts';
import type { FaultEffect } from './faults.ts';
import { perform } from './operations.ts';
import type { S3EndpointSettings } from './settings.ts';
import { refusalReply, S3Refusal } from './reply.ts';
import type { Reply } from './reply.ts';
import type { ArchiveClass } from '../../../src/store/tiering.ts';
import { checkSignature } from './signature.ts';
import type { SignatureRules } from './signature.ts';
import { currentVersion, State } from './state.ts';

export interface S3EndpointOptions extends Partial<S3EndpointSettings> {
  /** Secret access keys by access key id. Default: `test` with the secret `test`. */
  readonly accessKeys?: Readonly<Record<string, string>>;
  /** Default: `bucket`. */
  readonly buckets?: readonly string[];
  /** Default: us-east-1. */
  readonly region?: string;
}

/** One request that came. */
export interface LoggedRequest {
  readonly operation: S3Call['operation'];
  readonly key: string;
  readonly partNumber: number | undefined;
  readonly headers: IncomingMessage['headers'];
  /** Bytes of its body that arrived. */
  bytesReceived: number;
  /** Undefined: there was no answer. */
  status: number | undefined;
  fault: FaultEffect['type'] | undefined;
}

export interface S3Endpoint {
  readonly url: string;
  readonly settings: S3EndpointSettings;
  readonly faults: Faults;
  readonly log: readonly LoggedRequest[];
  /** Requests of this operation so far. */
  count(operation: Operation): number;
  /** Sets the server's clock; undefined: this computer's. */
  setClock(time: Date | undefined): void;
  /** The object that reads see; undefined: none. */
  object(bucket: string, key: string): Buffer | undefined;
  /** Puts an object there without a request. */
  place(bucket: string, key: string, bytes: Uint8Array): void;
  /** What a lifecycle rule does. */
  archive(bucket: string, key: string, storageClass: ArchiveClass): void;
  /** Makes the copies that were asked for, of all objects; as if at another time. */
  finishThawing(bucket: string, time?: Date): void;
  /** Keys of multipart uploads that were neither completed nor aborted. */
  pendingUploads(bucket: string): string[];
  close(): Promise<void>;
}

const DEFAULTS: S3EndpointSettings = {
  pageSize: 1000,
  versions: true,
  conditionalPut: true,
  conditionalCompletion: true,
  keepsChecksums: true,
  kmsKeys: undefined,
  kmsKeysDenied: [],
  denies: () => false,
};

export async function startS3Endpoint(options: S3EndpointOptions = {}): Promise<S3Endpoint> {
  const { accessKeys = { test: 'test' }, buckets = ['bucket'], region = 'us-east-1', ...given } = options;
  const settings: S3EndpointSettings = { ...DEFAULTS, ...given };
  const state = new State();
  for (const bucket of buckets) state.createBucket(bucket);
  const faults = new Faults();
  const log: LoggedRequest[] = [];
  let clock: Date | undefined;
  const running: Running = {
    rules: { accessKeys, region, now: () => clock ?? new Date(Date.now()) },
    settings,
    state,
    faults,
    log,
  };

  const server = http.createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (request, response) => {
    const { socket } = request;
    // A client that goes away in the middle is what these tests are about.
    serve(request, response, running).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    settings,
    faults,
    log,
    count: (operation) => log.filter((entry) => entry.operation === operation).length,
    setClock(time) {
      clock = time;
    },
    object: (bucket, key) => currentVersion(state.bucket(bucket), key)?.bytes,
    place(bucket, key, bytes) {
      const modified = running.rules.now();
      const version = { bytes: Buffer.from(bytes), etag: 'placed', modified, sha256: undefined, traits: {} };
      state.put(state.bucket(bucket), key, version, settings.versions);
    },
    archive: (bucket, key, storageClass) => archiveObject(state.bucket(bucket), key, storageClass),
    finishThawing: (bucket, time = running.rules.now()) => finishThawing(state.bucket(bucket), time),
    pendingUploads: (bucket) => [...state.bucket(bucket).uploads.values()].map(({ key }) => key),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

interface Running {
  readonly rules: SignatureRules;
  readonly settings: S3EndpointSettings;
  readonly state: State;
  readonly faults: Faults;
  readonly log: LoggedRequest[];
}

async function serve(request: IncomingMessage, response: ServerResponse, running: Running): Promise<void> {
  const { socket } = request;
  const call = parseCall(request.method ?? '', request.url ?? '');
  const effect = running.faults.take(call);
  const entry = newEntry(call, request, effect);
  running.log.push(entry);
  const send = async (reply: Reply): Promise<void> => {
    await respond(response, reply, { effect, date: running.rules.now(), head: request.method === 'HEAD' });
    entry.status = reply.status;
  };
  if (effect?.type === 'cut-before') return void socket.destroy();
  if (effect?.type === 'stall' && effect.before === 'reading') return;
  if (effect?.type === 'answer-unread') {
    await send(refusalReply(new S3Refusal(effect.status, effect.code), false));
    // Else node:http would read the rest and throw it away.
    socket.pause();
    return;
  }
  const raw = await readBody(request, entry, effect);
  if (raw === undefined) return void socket.destroy();
  const reply = effect?.type === 'answer' ? faultReply(effect) : answer(request, call, raw, running);
  if (effect?.type === 'cut-after') return void socket.destroy();
  if (effect?.type === 'stall') return;
  await send(reply);
}

function answer(request: IncomingMessage, call: S3Call, raw: Buffer, { rules, settings, state }: Running): Reply {
  try {
    checkSignature(request, rules);
    return perform({ call, headers: request.headers, raw, state, settings, now: rules.now() });
  } catch (error) {
    if (error instanceof S3Refusal) return refusalReply(error, request.method === 'HEAD');
    throw error;
  }
}

function newEntry(call: S3Call, request: IncomingMessage, effect: FaultEffect | undefined): LoggedRequest {
  const partNumber = call.query.get('partNumber');
  return {
    operation: call.operation,
    key: call.key,
    partNumber: partNumber === null ? undefined : Number(partNumber),
    headers: request.headers,
    bytesReceived: 0,
    status: undefined,
    fault: effect?.type,
  };
}

/** Undefined: the fault wants the connection cut here. */
async function readBody(
  request: IncomingMessage,
  entry: LoggedRequest,
  effect: FaultEffect | undefined,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    entry.bytesReceived += (chunk as Buffer).length;
    if (effect?.type === 'cut-upload' && entry.bytesReceived >= effect.afterBytes) return undefined;
    if (effect?.type === 'slow') await wait(((chunk as Buffer).length / effect.bytesPerSecond) * 1000);
  }
  return Buffer.concat(chunks);
}

function faultReply({ status, code, fields, headers, body }: FaultEffect & { type: 'answer' }): Reply {
  if (body !== undefined) return { status, headers: { 'content-type': 'application/xml', ...headers }, body };
  const reply = refusalReply(new S3Refusal(status, code ?? 'InternalError', fields), false);
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

interface ResponseOptions {
  readonly effect: FaultEffect | undefined;
  readonly date: Date;
  readonly head: boolean;
}

async function respond(response: ServerResponse, reply: Reply, { effect, date, head }: ResponseOptions): Promise<void> {
  const body = Buffer.from(reply.body ?? '');
  response.sendDate = false;
  response.writeHead(reply.status, {
    date: date.toUTCString(),
    'x-amz-request-id': '0123456789ABCDEF',
    ...(reply.status === 204 ? {} : { 'content-length': String(body.length) }),
    ...reply.headers,
  });
  if (head || reply.status === 204) return void response.end();
  if (effect?.type === 'cut-download') {
    response.write(body.subarray(0, effect.afterBytes), () => response.destroy());
    return;
  }
  if (effect?.type === 'stall-download') {
    response.write(body.subarray(0, effect.afterBytes));
    return;
  }
  if (effect?.type === 'slow') await writeSlowly(response, body, effect.bytesPerSecond);
  response.end(effect?.type === 'slow' ? undefined : body);
}

/** In ten pieces a second. */
async function writeSlowly(response: ServerResponse, body: Buffer, bytesPerSecond: number): Promise<void> {
  const piece = Math.ceil(bytesPerSecond / 10);
  for (let at = 0; at < body.length; at += piece) {
    response.write(body.subarray(at, at + piece));
    await wait(100);
  }
}
