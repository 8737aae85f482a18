/** Signature Version 4, checked as S3 checks it: the key is known, the clock agrees, the signature is right. */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { S3Refusal } from './reply.ts';

const SKEW_MS_MAX = 15 * 60_000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

export interface SignatureRules {
  /** Secret access keys by access key id. */
  readonly accessKeys: Readonly<Record<string, string>>;
  readonly region: string;
  now(): Date;
}

export function checkSignature(request: IncomingMessage, rules: SignatureRules): void {
  const parts = AUTHORIZATION.exec(request.headers.authorization ?? '');
  if (parts === null) throw new S3Refusal(403, 'AccessDenied');
  const [, id, day, region, signedHeaders, signature] = parts as unknown as string[] as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const secret = rules.accessKeys[id];
  // As S3 does, with what it repeats of the request.
  if (secret === undefined) throw new S3Refusal(403, 'InvalidAccessKeyId', { AWSAccessKeyId: id });
  if (region !== rules.region) {
    throw new S3Refusal(400, 'AuthorizationHeaderMalformed', {
      Region: rules.region,
      'x-amz-bucket-region': rules.region,
    });
  }
  const time = String(request.headers['x-amz-date']);
  checkClock(time, rules.now());
  const toSign = stringToSign(request, { time, day, region, signedHeaders });
  if (sign(toSign, { secret, day, region }) !== signature) {
    throw new S3Refusal(403, 'SignatureDoesNotMatch', {
      AWSAccessKeyId: id,
      StringToSign: toSign,
      SignatureProvided: signature,
    });
  }
}

function checkClock(time: string, now: Date): void {
  const sent = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Math.abs(sent - now.getTime()) <= SKEW_MS_MAX) return;
  throw new S3Refusal(403, 'RequestTimeTooSkewed', {
    RequestTime: time,
    ServerTime: now.toISOString().replace(/\.\d+/, ''),
    MaxAllowedSkewMilliseconds: String(SKEW_MS_MAX),
  });
}

interface Scope {
  readonly time: string;
  readonly day: string;
  readonly region: string;
  readonly signedHeaders: string;
}

function stringToSign(
  { method, url = '', headers }: IncomingMessage,
  { time, day, region, signedHeaders }: Scope,
): string {
  const [path, query = ''] = url.split(/\?(.*)/s);
  const pairs = query.split('&').filter((pair) => pair !== '');
  const canonical = [
    method,
    path,
    pairs
      .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
      .sort()
      .join('&'),
    ...signedHeaders.split(';').map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders,
    headers['x-amz-content-sha256'],
  ].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  return ['AWS4-HMAC-SHA256', time, `${day}/${region}/s3/aws4_request`, hash].join('\n');
}

function sign(toSign: string, { secret, day, region }: { secret: string; day: string; region: string }): string {
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  return hmac(hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), 's3'), 'aws4_request'), toSign).toString('hex');
}
