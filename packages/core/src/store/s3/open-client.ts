import http from 'node:http';
import https from 'node:https';
import { S3Client } from '@aws-sdk/client-s3';
import { BackupError } from '../../errors.ts';
import { noteDates } from './dates.ts';
import { amazonIn } from './map-s3-error.ts';
import type { S3Limits, S3StoreOptions } from './options.ts';
import { trimmedCause } from './s3-error-facts.ts';
import { WatchedHttpHandler } from './watched-http-handler.ts';

const REGION_WITH_ENDPOINT = 'us-east-1';
/** It becomes a part of a host's name. Servers of others than Amazon have regions such as `RegionOne`. */
const REGION_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

export interface OpenedClient {
  readonly client: S3Client;
  readonly region: string;
  /** For messages. */
  readonly host: string;
}

/** The SDK's client, set up to do one attempt per call, to hash nothing twice and to keep its connections. */
export async function openClient(options: S3StoreOptions, limits: S3Limits): Promise<OpenedClient> {
  const { credentials, endpoint, profile } = options;
  const host = endpoint === undefined ? undefined : hostOfEndpoint(endpoint);
  const region = options.region ?? (endpoint === undefined ? undefined : REGION_WITH_ENDPOINT);
  if (region !== undefined) refuseNoRegion(region);
  const agent = { keepAlive: true, maxSockets: limits.requestsMax };
  const client = new S3Client({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(profile === undefined ? {} : { profile }),
    forcePathStyle: options.pathStyle ?? endpoint !== undefined,
    // Attempts are repeated in one place only: send-requests.ts.
    maxAttempts: 1,
    retryMode: 'standard',
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // The SDK opens a connection per request for it.
    expectContinueHeader: false,
    requestHandler: new WatchedHttpHandler(
      { httpAgent: new http.Agent(agent), httpsAgent: new https.Agent(agent) },
      limits,
    ),
  });
  noteDates(client);
  signWithKnownChecksum(client);
  const regionFound = await regionOf(client);
  return { client, region: regionFound, host: host ?? amazonIn(regionFound) };
}

async function regionOf(client: S3Client): Promise<string> {
  try {
    return await client.config.region();
  } catch (cause) {
    // What AWS_REGION or a profile names, in the SDK's words.
    const [, named] = /^Region not accepted: region="(.*)" is/s.exec((cause as Error).message) ?? [];
    if (named !== undefined) refuseNoRegion(named);
    throw new BackupError('CONFIG_INVALID', 'the region of the bucket is not known', {
      hint: 'give --region, or set AWS_REGION or the region of the profile',
      cause: trimmedCause(cause),
    });
  }
}

function refuseNoRegion(region: string): void {
  if (REGION_NAME.test(region)) return;
  throw new BackupError('CONFIG_INVALID', `"${region}" is not the name of a region`, {
    hint: 'regions have names like eu-central-1; see --region, AWS_REGION or the region of the profile',
  });
}

/** The signature covers the payload's SHA-256, which is the checksum sent along: there is no need to hash again. */
function signWithKnownChecksum(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers, body } = args.request as { headers: Record<string, string>; body?: unknown };
      const checksum = headers['x-amz-checksum-sha256'];
      if (checksum !== undefined && body instanceof Uint8Array) {
        headers['x-amz-content-sha256'] = Buffer.from(checksum, 'base64').toString('hex');
      }
      return next(args);
    },
    { step: 'build', name: 'signWithKnownChecksum', override: true },
  );
}

function hostOfEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  // The endpoint is not repeated: it may hold a password.
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw new BackupError('CONFIG_INVALID', 'the endpoint is not the address of an S3 server', {
      hint: 'give it as https://host[:port]; credentials come from the environment or a profile',
    });
  }
  return url.host;
}
