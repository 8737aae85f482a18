/** The S3 of light-cloud.ts: one bucket in the path, objects in memory. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parseCall } from '@backup-agent/core/test-kit';
import type { Answer } from './light-cloud.ts';

export interface LightObject {
  /** Undefined: a pack, whose bytes nobody reads. */
  readonly content: Buffer | undefined;
  readonly bytes: number;
  readonly etag: string;
  readonly modified: Date;
}

/** Objects by key, in groups by what stands before the fourth slash, so that a listing looks through few. */
export class Objects {
  readonly #groups = new Map<string, Map<string, LightObject>>();

  put(key: string, object: LightObject): void {
    const name = groupOf(key);
    const group = this.#groups.get(name) ?? new Map<string, LightObject>();
    this.#groups.set(name, group.set(key, object));
  }

  get(key: string): LightObject | undefined {
    return this.#groups.get(groupOf(key))?.get(key);
  }

  remove(key: string): void {
    this.#groups.get(groupOf(key))?.delete(key);
  }

  /** Sorted. With a delimiter, folders have no object. */
  under(prefix: string, delimiter: string): [string, LightObject | undefined][] {
    const items = new Map<string, LightObject | undefined>();
    for (const [name, group] of this.#groups) {
      if (!name.startsWith(prefix) && !prefix.startsWith(name)) continue;
      for (const [key, object] of group) {
        if (!key.startsWith(prefix)) continue;
        const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
        if (end < 0) items.set(key, object);
        else items.set(key.slice(0, end + 1), undefined);
        // The others of this group lie in the same folder.
        if (end >= 0 && end < name.length + 1) break;
      }
    }
    return [...items].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

const groupOf = (key: string): string => key.split('/', 3).join('/');

const PAGE_KEYS = 1000;

interface Serving {
  readonly objects: Objects;
  readonly count: (name: string) => void;
}

export function answerS3(request: IncomingMessage, body: Buffer, { objects, count }: Serving): Answer {
  const { operation, key, query } = parseCall(request.method ?? '', request.url ?? '');
  const dated = { date: new Date().toUTCString(), 'x-amz-request-id': '0' };
  const refusal = (status: number, code: string): Answer => ({
    status,
    headers: dated,
    body: `<Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  });
  count(operation);
  const object = objects.get(key);
  switch (operation) {
    case 'ListObjectsV2':
      return {
        status: 200,
        headers: { ...dated, 'content-type': 'application/xml' },
        body: listing(objects, key, query),
      };
    case 'GetObject': {
      if (object?.content === undefined) return refusal(404, 'NoSuchKey');
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      const headers = { ...dated, etag: `"${object.etag}"`, 'last-modified': object.modified.toUTCString() };
      if (first === undefined || last === undefined) return { status: 200, headers, body: object.content };
      const part = object.content.subarray(Number(first), Number(last) + 1);
      const range = `bytes ${first}-${Number(first) + part.length - 1}/${object.bytes}`;
      return { status: 206, headers: { ...headers, 'content-range': range }, body: part };
    }
    case 'PutObject': {
      if (object !== undefined && request.headers['if-none-match'] === '*') return refusal(412, 'PreconditionFailed');
      const etag = createHash('md5').update(body).digest('hex');
      objects.put(key, { content: body, bytes: body.length, etag, modified: new Date() });
      return { status: 200, headers: { ...dated, etag: `"${etag}"` } };
    }
    case 'DeleteObject':
      objects.remove(key);
      return { status: 204, headers: dated };
    default:
      return refusal(501, 'NotImplemented');
  }
}

/** Keys of a repository need no escaping. */
function listing(objects: Objects, prefix: string, query: URLSearchParams): string {
  const delimiter = query.get('delimiter') ?? '';
  const after = query.get('continuation-token') ?? '';
  const left = objects.under(prefix, delimiter).filter(([item]) => item > after);
  const page = left.slice(0, PAGE_KEYS);
  const isTruncated = left.length > page.length;
  const next = isTruncated ? `<NextContinuationToken>${page.at(-1)?.[0]}</NextContinuationToken>` : '';
  const rows = page.map(([item, object]) =>
    object === undefined
      ? `<CommonPrefixes><Prefix>${item}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${item}</Key><LastModified>${object.modified.toISOString()}</LastModified><ETag>&quot;${object.etag}&quot;</ETag><Size>${object.bytes}</Size><StorageClass>INTELLIGENT_TIERING</StorageClass></Contents>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${isTruncated}</IsTruncated>${next}${rows.join('')}</ListBucketResult>`;
}
