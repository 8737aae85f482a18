/** Which S3 operation a request means; the counting proxy names requests so, too. */

const OPERATIONS = [
  'CreateBucket',
  'HeadBucket',
  'ListObjectsV2',
  'PutObject',
  'GetObject',
  'HeadObject',
  'DeleteObject',
  'ListObjectVersions',
  'DeleteObjectVersion',
  'CreateMultipartUpload',
  'UploadPart',
  'ListParts',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
  'RestoreObject',
] as const;

export type Operation = (typeof OPERATIONS)[number];

/** A request as its first line tells it, for buckets that stand in the path. */
export interface S3Call {
  /** `Unknown`: not one that this endpoint knows. */
  readonly operation: Operation | 'Unknown';
  readonly bucket: string;
  /** Of a listing: its prefix. */
  readonly key: string;
  readonly query: URLSearchParams;
}

const LISTINGS: ReadonlySet<S3Call['operation']> = new Set(['ListObjectsV2', 'ListObjectVersions']);

export function parseCall(method: string, target: string): S3Call {
  const [path = '', search = ''] = target.split(/\?(.*)/s);
  const [bucket = '', ...rest] = path.slice(1).split('/').map(decodeURIComponent);
  const key = rest.join('/');
  const query = new URLSearchParams(search);
  const operation = key === '' ? bucketOperation(method, query) : objectOperation(method, query);
  return { operation, bucket, key: LISTINGS.has(operation) ? (query.get('prefix') ?? '') : key, query };
}

function bucketOperation(method: string, query: URLSearchParams): S3Call['operation'] {
  if (method === 'PUT' && query.size === 0) return 'CreateBucket';
  if (method === 'HEAD') return 'HeadBucket';
  if (method === 'GET' && query.has('versions')) return 'ListObjectVersions';
  return method === 'GET' && query.get('list-type') === '2' ? 'ListObjectsV2' : 'Unknown';
}

function objectOperation(method: string, query: URLSearchParams): S3Call['operation'] {
  const part = query.has('partNumber');
  const upload = query.has('uploadId');
  switch (method) {
    case 'PUT':
      return upload && part ? 'UploadPart' : 'PutObject';
    case 'GET':
      return upload ? 'ListParts' : 'GetObject';
    case 'HEAD':
      return 'HeadObject';
    case 'DELETE':
      if (query.has('versionId')) return 'DeleteObjectVersion';
      return upload ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'POST':
      if (query.has('restore')) return 'RestoreObject';
      if (query.has('uploads')) return 'CreateMultipartUpload';
      return upload ? 'CompleteMultipartUpload' : 'Unknown';
    default:
      return 'Unknown';
  }
}
