/** `v1/repository.json`: what must be known before anything else is read or written. */
import * as z from 'zod';
import { BackupError } from '../errors.ts';
import { CHUNK_BYTES_AVERAGE, CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, gearTableHash } from './chunker.ts';
import { decodeJsonObject, encodeJsonObject } from './json-line.ts';
import { countSchema, timeSchema } from './schema-parts.ts';

const repositorySchema = z.object({
  version: z.literal(1),
  created: timeSchema,
  encryption: z.string(),
  chunking: z.object({
    algorithm: z.string(),
    bytesMin: countSchema,
    bytesAverage: countSchema,
    bytesMax: countSchema,
    normalisation: countSchema,
    gearTable: z.string(),
  }),
});
export type RepositoryFile = z.output<typeof repositorySchema>;

/** A new repository's description. `created` is for people. */
export const newRepositoryFile = (created: Date): RepositoryFile => ({
  version: 1,
  created: created.toISOString(),
  encryption: 'none',
  chunking: {
    algorithm: 'fastcdc',
    bytesMin: CHUNK_BYTES_MIN,
    bytesAverage: CHUNK_BYTES_AVERAGE,
    bytesMax: CHUNK_BYTES_MAX,
    normalisation: 2,
    gearTable: gearTableHash(),
  },
});

export const encodeRepositoryFile = (file: RepositoryFile): Buffer => encodeJsonObject(file);

/** Throws OBJECT_DAMAGED; FORMAT_UNKNOWN for another version, an encryption or a chunking that this program lacks. */
export function decodeRepositoryFile(bytes: Uint8Array, key: string): RepositoryFile {
  const file = decodeJsonObject(repositorySchema, bytes, key);
  const hint = 'use a newer backup-agent';
  if (file.encryption !== 'none')
    throw new BackupError(
      'FORMAT_UNKNOWN',
      `${key} asks for encryption "${file.encryption}", this program knows none`,
      {
        key,
        hint,
      },
    );
  if (JSON.stringify(file.chunking) !== JSON.stringify(newRepositoryFile(new Date(0)).chunking))
    throw new BackupError('FORMAT_UNKNOWN', `${key} asks for a chunking that this program does not know`, {
      key,
      hint,
    });
  return file;
}
