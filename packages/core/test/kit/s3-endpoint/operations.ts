import { restoreObject } from './archive.ts';
import { decodeBody } from './body.ts';
import type { Operation } from './call.ts';
import type { OperationInput } from './settings.ts';
import { listObjects } from './listing.ts';
import { abortUpload, completeUpload, createUpload, listParts, uploadPart } from './multipart.ts';
import { deleteObject, getObject, putObject } from './objects.ts';
import { S3Refusal } from './reply.ts';
import type { Reply } from './reply.ts';
import { deleteVersion, listVersions } from './versions.ts';

const HANDLERS: Readonly<Record<Operation, (input: OperationInput) => Reply>> = {
  CreateBucket: ({ call, state }) => {
    state.createBucket(call.bucket);
    return { status: 200 };
  },
  HeadBucket: ({ call, state }) => {
    state.bucket(call.bucket);
    return { status: 200 };
  },
  ListObjectsV2: listObjects,
  PutObject: (input) => putObject(input, decodeBody(input.raw, input.headers)),
  GetObject: getObject,
  HeadObject: getObject,
  DeleteObject: deleteObject,
  ListObjectVersions: listVersions,
  DeleteObjectVersion: deleteVersion,
  CreateMultipartUpload: createUpload,
  UploadPart: (input) => uploadPart(input, decodeBody(input.raw, input.headers)),
  ListParts: listParts,
  CompleteMultipartUpload: completeUpload,
  AbortMultipartUpload: abortUpload,
  RestoreObject: restoreObject,
};

export function perform(input: OperationInput): Reply {
  const { call, settings } = input;
  if (call.operation === 'Unknown') throw new S3Refusal(501, 'NotImplemented');
  if (settings.denies(call)) throw new S3Refusal(403, 'AccessDenied');
  return HANDLERS[call.operation](input);
}
