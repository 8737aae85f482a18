/** Store time: the `Date` header of answers, which the SDK does not hand out by itself. */
import type { S3Client } from '@aws-sdk/client-s3';
import { BackupError } from '../../errors.ts';

interface DatedMetadata {
  readonly $metadata: { readonly date?: string };
}

/** Makes the client note each answer's `Date` in its output's metadata. */
export function noteDates(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { headers?: Readonly<Record<string, string>> };
      if (headers?.['date'] !== undefined) Object.assign(result.output?.$metadata ?? {}, { date: headers['date'] });
      return result;
    },
    { step: 'deserialize', name: 'noteDates', priority: 'high', override: true },
  );
}

/** The store time of an answer. A server without a clock cannot hold a repository: all ages rest on it. */
export function dateOf(output: object): Date {
  const date = new Date((output as DatedMetadata).$metadata.date ?? '');
  if (Number.isNaN(date.getTime())) {
    throw new BackupError('CONFIG_INVALID', 'the S3 server does not send the time with its answers (Date header)', {
      hint: 'a proxy may remove the header; a repository needs it',
    });
  }
  return date;
}
