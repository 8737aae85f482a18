/** The options that every command takes. */
import type { ArgumentSpecs, ArgumentValues } from './define-command.ts';

export const GLOBAL_OPTIONS = {
  repo: {
    type: 'text',
    value: 'address',
    describe: 'the repository: a folder, file:///folder or s3://bucket[/prefix]',
  },
  device: { type: 'text', value: 'id', describe: "the device's part of the repository (default: from the host name)" },
  config: { type: 'text', value: 'file', describe: 'the configuration file' },
  region: { type: 'text', value: 'name', describe: 'S3: the region of the bucket' },
  endpoint: { type: 'text', value: 'url', describe: 'S3: the address of an S3-compatible server' },
  kmsKey: { type: 'text', value: 'arn', describe: 'S3: the KMS key to encrypt with' },
  json: { type: 'flag', describe: 'print one JSON object' },
  progress: { type: 'flag', describe: 'with --json: print events as JSON lines while working, the result last' },
  quiet: { type: 'flag', describe: 'print only results, unreadable files and errors' },
  verbose: { type: 'flag', describe: 'tell more' },
  logFile: { type: 'text', value: 'file', describe: 'append a log as JSON lines' },
} as const satisfies ArgumentSpecs;

export type GlobalValues = ArgumentValues<typeof GLOBAL_OPTIONS>;
