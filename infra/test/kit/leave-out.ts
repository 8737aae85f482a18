/** What moto's CloudFormation can be given of a template. Whatever is left out is told, for a test to hold the list. */

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
}
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

export interface Kept {
  readonly template: Template;
  /** A line for each type, for each resource that only follows, and for each property and output. */
  readonly leftOut: readonly string[];
}

/** Known or not: moto sees no conditions, and a Deny without its condition refuses everything. */
const NEVER = 'AWS::S3::BucketPolicy';
/** Tags let the creation of a key fail, and the update of a bucket that CloudFormation names. */
const UNTAGGED = ['AWS::KMS::Key', 'AWS::S3::Bucket'];

const FOLLOWS = 'refers to what is left out';

/** By the ids of resources. */
type Reasons = ReadonlyMap<string, string>;

/** `known`: the types of which moto makes something. */
export function leaveOut(template: Template, known: ReadonlySet<string>): Kept {
  const gone = reasonsToGo(template, known);
  const kept = Object.entries(template.Resources).filter(([id]) => !gone.has(id));
  const { false: untold = [], true: told = [] } = Object.groupBy(
    Object.entries(template.Outputs ?? {}),
    ([, output]) => `${!refersTo(output, gone)}` as const,
  );
  return {
    template: {
      ...template,
      Resources: Object.fromEntries(kept.map(([id, resource]) => [id, trimmed(resource, gone)])),
      Outputs: Object.fromEntries(told),
    },
    leftOut: [
      ...new Set([
        ...[...gone].map(([id, reason]) => lineOf(id, template.Resources[id], reason)),
        ...kept.filter(([, one]) => losesTags(one)).map(([, { Type }]) => `Tags of ${Type}: moto fails with them`),
        ...untold.map(([name]) => `output ${name}: ${FOLLOWS}`),
      ]),
    ].sort(),
  };
}

function reasonsToGo({ Resources: resources }: Template, known: ReadonlySet<string>): Reasons {
  const reasons = new Map<string, string>();
  for (const [id, { Type }] of Object.entries(resources)) {
    if (Type === NEVER) reasons.set(id, 'moto sees no conditions');
    else if (!known.has(Type)) reasons.set(id, 'not known to moto');
  }
  for (let before = -1; before < reasons.size;) {
    before = reasons.size;
    for (const [id, { Properties }] of Object.entries(resources))
      if (!reasons.has(id) && refersTo(Properties, reasons)) reasons.set(id, FOLLOWS);
  }
  return reasons;
}

function refersTo(value: unknown, ids: Reasons): boolean {
  if (Array.isArray(value)) return value.some((inner) => refersTo(inner, ids));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => {
    if (name === 'Ref') return ids.has(inner as string);
    if (name === 'Fn::GetAtt') return ids.has((inner as [string, string])[0]);
    if (name === 'Fn::Sub') throw new Error('what Fn::Sub refers to is not known here');
    return refersTo(inner, ids);
  });
}

/** Without what it cannot keep or wait for. */
function trimmed(resource: Resource, gone: Reasons): Resource {
  const { DependsOn: before = [], Properties: { Tags: tags, ...properties } = {} } = resource;
  return {
    ...resource,
    DependsOn: [before].flat().filter((id) => !gone.has(id)),
    Properties: { ...properties, ...(tags === undefined || losesTags(resource) ? {} : { Tags: tags }) },
  };
}

const losesTags = ({ Type, Properties }: Resource): boolean =>
  UNTAGGED.includes(Type) && Properties?.['Tags'] !== undefined;

/** What is left out by its type needs no name. */
const lineOf = (id: string, resource: Resource | undefined, reason: string): string =>
  `${resource?.Type}${reason === FOLLOWS ? ` ${nameOf(id)}` : ''}: ${reason}`;

/** An id without what makes it unique. */
export const nameOf = (id: string): string => id.replace(/[0-9A-F]{8}$/, '');
