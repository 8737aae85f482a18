/** Where a repository is, as people write it. Nothing here loads the AWS SDK. */
import { fileURLToPath } from 'node:url';
import { BackupError } from '../errors.ts';

export type RepositoryUrl =
  | { readonly type: 'local'; readonly path: string }
  | {
      readonly type: 's3';
      readonly bucket: string;
      /** Without slashes at its ends; '' for the bucket itself. */
      readonly prefix: string;
    };

/** Letters before a colon and two slashes; a Windows drive is one letter, and has no two slashes. */
const SCHEME = /^([a-z][a-z0-9+.-]+):(\/\/)?/i;
/** S3's own rule, with the capitals and underscores that older buckets and other servers have. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;

/**
 * Parses `s3://bucket[/prefix]`, `file:///path` or a path (relative ones stay so; `C:\x` and `\\server\share` are
 * paths). Throws CONFIG_INVALID for anything else.
 */
export function parseRepositoryUrl(text: string, options: { readonly windows?: boolean } = {}): RepositoryUrl {
  const [, scheme] = SCHEME.exec(text) ?? [];
  if (text === '') throw invalid('the repository is not named');
  if (scheme === undefined) return { type: 'local', path: text };
  switch (scheme.toLowerCase()) {
    case 's3':
      return parseS3(text.slice('s3:'.length));
    case 'file':
      return { type: 'local', path: pathOfFileUrl(text, options.windows) };
    default:
      if (!text.startsWith(`${scheme}://`)) return { type: 'local', path: text };
      throw invalid(`repositories on "${scheme}" are not supported`);
  }
}

/** The form that parseRepositoryUrl takes. */
export function formatS3Url(bucket: string, prefix: string): string {
  return prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
}

function parseS3(rest: string): RepositoryUrl {
  // The text is not repeated in messages from here on: people put access keys before the bucket.
  const [, bucket = '', path = ''] = /^\/\/([^/]*)(?:\/(.*))?$/s.exec(rest) ?? [];
  if (!BUCKET.test(bucket)) throw invalid('this is not the name of an S3 bucket in "s3://bucket/prefix"');
  const prefix = path.replace(/^\/+|\/+$/g, '');
  const segments = prefix === '' ? [] : prefix.split('/');
  // eslint-disable-next-line no-control-regex -- control characters in a key are what is to be refused
  if (segments.some((segment) => ['', '.', '..'].includes(segment)) || /[\u0000-\u001f\u007f]/.test(prefix)) {
    throw invalid('the prefix in "s3://bucket/prefix" has an empty part, "." or "..", or a control character');
  }
  return { type: 's3', bucket, prefix };
}

function pathOfFileUrl(text: string, windows: boolean | undefined): string {
  try {
    return fileURLToPath(text, windows === undefined ? {} : { windows });
  } catch (cause) {
    throw new BackupError('CONFIG_INVALID', `"${text}" is not the address of a local folder`, {
      hint: 'write file:///path (with three slashes), or the path alone',
      cause,
    });
  }
}

const invalid = (message: string): BackupError =>
  new BackupError('CONFIG_INVALID', message, {
    hint: 'a repository is a folder (/path or file:///path) or s3://bucket[/prefix]; credentials are never part of it',
  });
