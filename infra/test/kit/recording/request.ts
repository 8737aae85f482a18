/**
 * A request as it went over the wire, as far as IAM sees it: who asks for what, with which headers. Names that differ
 * from run to run are taken out, so that two recordings of the same work are the same.
 */
import { gunzipSync } from 'node:zlib';
import type { ArrivedRequest } from '@backup-agent/core/test-kit';
import { TEST_CREDENTIALS } from '../cloud.ts';
import type { Who } from '../simulate.ts';

export type RecordedRequest = S3Request | ServiceRequest;

export interface S3Request {
  readonly principal: Who;
  /** By S3's own names, but that reads and removals of a version by its id are told apart from others. */
  readonly operation: string;
  /** Of a listing: its prefix. `<id>` stands for a run, night or word, `<number>` for that of a pack or of marks. */
  readonly key: string;
  readonly delimiter?: string;
  /** Those that conditions can ask for, or that S3 asks KMS because of. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Of a service other than S3. */
export interface ServiceRequest {
  readonly principal: Who;
  readonly service: 'sqs' | 'sns' | 'cloudwatch';
  readonly operation: string;
  /** What the test calls the queue or topic; of metrics their namespace. */
  readonly resource: string;
}

/** What a header of this name holds, some condition of IAM can see; the checksum mode makes S3 ask KMS. */
const SEEN_HEADERS =
  /^(?:if-match|if-none-match|x-amz-(?:acl|copy-source|metadata-directive|storage-class|tagging|website-redirect-location|checksum-mode|grant-.*|object-lock-.*|server-side-encryption.*))$/;

const CREDENTIAL = /Credential=([^/]+)\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/;

/** The access key by which a principal is told. */
export const accessKeyOf = (who: Who): string => who.replace(' ', '.');

/** Undefined: the test's own. Throws for a stranger. `resources`: what queues and topics are called. */
export async function recordedRequestOf(
  request: ArrivedRequest,
  { principals, resources }: { readonly principals: readonly Who[]; readonly resources: ReadonlyMap<string, string> },
): Promise<RecordedRequest | undefined> {
  const [, accessKey = '', scope = ''] = CREDENTIAL.exec(request.headers.authorization ?? '') ?? [];
  if (accessKey === TEST_CREDENTIALS.accessKeyId) return undefined;
  const principal = principals.find((who) => accessKeyOf(who) === accessKey);
  if (principal === undefined) throw new Error(`nobody knows who "${accessKey}" is`);
  if (scope === 's3') return s3RequestOf(request, principal);
  return { principal, ...(await serviceRequestOf(request, scope, resources)) };
}

function s3RequestOf(request: ArrivedRequest, principal: Who): S3Request {
  const query = new URLSearchParams(request.url.split('?')[1]);
  const delimiter = query.get('delimiter');
  const headers = Object.entries(request.headers)
    .filter(([name]) => SEEN_HEADERS.test(name))
    .map(([name, value]): [string, string] => [name, String(value)])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    principal,
    operation: s3OperationOf(request, query),
    key: withoutNames(request.key),
    ...(delimiter === null ? {} : { delimiter }),
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
  };
}

function s3OperationOf({ operation, method, url, headers }: ArrivedRequest, query: URLSearchParams): string {
  if (operation === 'Unknown') return `${method} ${withoutNames(url)}`;
  if (operation === 'PutObject' && headers['x-amz-copy-source'] !== undefined) return 'CopyObject';
  const isRead = operation === 'GetObject' || operation === 'HeadObject';
  return isRead && query.has('versionId') ? `${operation}Version` : operation;
}

const withoutNames = (key: string): string =>
  key
    .replaceAll(/\d{8}T\d{6}Z-[0-9a-f]{8}(?:-\d+)?/g, '<id>')
    .replace(/\/\d{5}$/, '/<number>')
    .replace(/\/\d{8}\.json$/, '/<number>.json');

async function serviceRequestOf(
  request: ArrivedRequest,
  scope: string,
  resources: ReadonlyMap<string, string>,
): Promise<Omit<ServiceRequest, 'principal'>> {
  const called = (name: string): string => resources.get(name) ?? name;
  const raw = await request.body();
  const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
  const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
  switch (scope) {
    case 'sqs':
      return { service: 'sqs', operation, resource: called((JSON.parse(text) as { QueueUrl: string }).QueueUrl) };
    case 'monitoring':
      return { service: 'cloudwatch', operation, resource: (JSON.parse(text) as { Namespace: string }).Namespace };
    case 'sns': {
      const form = new URLSearchParams(text);
      return { service: 'sns', operation: form.get('Action') ?? '', resource: called(form.get('TopicArn') ?? '') };
    }
    default:
      throw new Error(`nobody has taught the recorder how "${scope}" is asked`);
  }
}
