/** A template's intrinsics as values, as if it were deployed: names for what CloudFormation would name. */
import { ACCOUNT } from './good-config.ts';
import type { Synthesized } from './synthesize.ts';

export const REGION = 'us-west-2';
export const BUCKET = 'smallbiz-backups';
export const BUCKET_ARN = `arn:aws:s3:::${BUCKET}`;
export const LOG_BUCKET_ARN = `${BUCKET_ARN}-logs`;
export const KEY_ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/11111111-2222-3333-4444-555555555555`;

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}
export interface Deployed {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** Both templates with every intrinsic resolved. */
export function deploy({ storage, service }: Synthesized): { readonly storage: Deployed; readonly service: Deployed } {
  const rawStorage = storage.toJSON() as RawTemplate;
  const rawService = service.toJSON() as RawTemplate;
  const exports = new Map<string, unknown>();
  const resolvedStorage = resolveTemplate(rawStorage, exports);
  for (const [id, { Export: exported }] of Object.entries(rawStorage.Outputs))
    if (exported !== undefined) exports.set(exported.Name, resolvedStorage.Outputs[id]?.Value);
  return { storage: resolvedStorage, service: resolveTemplate(rawService, exports) };
}

interface RawTemplate extends Deployed {
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>>;
}

function resolveTemplate(template: RawTemplate, exports: ReadonlyMap<string, unknown>): Deployed {
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [[name, argument] = ['', undefined]] = entries;
    if (entries.length === 1)
      switch (name) {
        case 'Ref':
          return reference(template, argument as string);
        case 'Fn::GetAtt':
          return attribute(template, argument as [string, string]);
        case 'Fn::Join': {
          const [separator, parts] = resolve(argument) as [string, string[]];
          return parts.join(separator);
        }
        case 'Fn::ImportValue': {
          const imported = exports.get(argument as string);
          if (imported === undefined) throw new Error(`nothing exports ${String(argument)}`);
          return imported;
        }
        default:
          if (name.startsWith('Fn::')) throw new Error(`${name} is not known here`);
      }
    return Object.fromEntries(entries.map(([key, inner]) => [key, resolve(inner)]));
  };
  return resolve({ Resources: template.Resources, Outputs: template.Outputs }) as Deployed;
}

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
  'AWS::URLSuffix': 'amazonaws.com',
};

function reference(template: RawTemplate, id: string): string {
  const pseudo = PSEUDO[id];
  if (pseudo !== undefined) return pseudo;
  const type = template.Resources[id]?.Type;
  if (type === 'AWS::SNS::Topic' || type === 'AWS::IAM::ManagedPolicy') return attribute(template, [id, 'Arn']);
  return nameOf(template, id);
}

function nameOf(template: RawTemplate, id: string): string {
  if (id.startsWith('LogBucket')) return `${BUCKET}-logs`;
  if (id.startsWith('Bucket')) return BUCKET;
  if (id.startsWith('DataKey')) return KEY_ARN.split('/')[1] as string;
  const properties = template.Resources[id]?.Properties ?? {};
  for (const property of [
    'RoleName',
    'FunctionName',
    'LogGroupName',
    'TopicName',
    'ManagedPolicyName',
    'AlarmName',
    'Name',
  ])
    if (typeof properties[property] === 'string') return properties[property];
  return id;
}

function attribute(template: RawTemplate, [id, name]: readonly [string, string]): string {
  const type = template.Resources[id]?.Type ?? '';
  if (!/(^|\.)?Arn$/.test(name)) return `${id}-${name}`;
  const own = nameOf(template, id);
  switch (type) {
    case 'AWS::S3::Bucket':
      return `arn:aws:s3:::${own}`;
    case 'AWS::KMS::Key':
      return id.startsWith('DataKey') ? KEY_ARN : `arn:aws:kms:${REGION}:${ACCOUNT}:key/${id.toLowerCase()}`;
    case 'AWS::IAM::Role':
      return `arn:aws:iam::${ACCOUNT}:role/${own}`;
    case 'AWS::IAM::ManagedPolicy':
      return `arn:aws:iam::${ACCOUNT}:policy/${own}`;
    case 'AWS::Logs::LogGroup':
      return `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${own}:*`;
    default: {
      const service = type.split('::')[1]?.toLowerCase() ?? 'unknown';
      return `arn:aws:${service}:${REGION}:${ACCOUNT}:${own}`;
    }
  }
}
