/** Asks an IAM simulator whether a call would be let through by the policies of the synthesized stacks. */
import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { Simulation } from '@cloud-copilot/iam-simulate';
import { namesOf } from '../../src/names.ts';
import type { NamedPolicy, PolicyDocument, Statement } from './policies.ts';
import { policiesOf, policyNamed } from './policies.ts';
import { BUCKET, BUCKET_ARN, deploy, KEY_ARN, LOG_BUCKET_ARN, REGION } from './resolve-template.ts';
import { ACCOUNT, BREAK_GLASS } from './good-config.ts';
import type { Synthesized } from './synthesize.ts';

/** `device <id>` carries a tag, `certificate <id>` a certificate; `admin` may do everything that IAM can allow. */
export type Who =
  | `device ${string}`
  | `certificate ${string}`
  | 'worker'
  | 'coordinator'
  | 'restore'
  | 'administrator'
  | 'break-glass'
  | 'admin'
  | 'deployer'
  | 'other account';

export interface Call {
  readonly principal: Who;
  readonly action: string;
  /** A key in the bucket; '' for the bucket itself; or an ARN. */
  readonly resource: string;
  /** Added to what a well-behaved call brings; undefined takes a value away. */
  readonly context?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export type Verdict = 'allowed' | 'denied';
export type Simulator = (call: Call) => Promise<Verdict>;

const OTHER_ACCOUNT = '999988887777';
const EVERYTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

export const simulatorOf = (synthesized: Synthesized): Simulator => simulatorOver(policiesIn(synthesized), synthesized);

/** As it would decide if one policy had other statements. */
export function simulatorWith(
  synthesized: Synthesized,
  policy: string,
  statementsOf: (statements: readonly Statement[]) => readonly Statement[],
): Simulator {
  const policies = policiesIn(synthesized).map(({ name, document }) => ({
    name,
    document: name === policy ? { ...document, Statement: statementsOf(document.Statement) } : document,
  }));
  return simulatorOver(policies, synthesized);
}

/** As it would decide if one statement were missing. */
export const simulatorWithout = (
  synthesized: Synthesized,
  { policy, sid }: { readonly policy: string; readonly sid: string },
): Simulator => simulatorWith(synthesized, policy, (statements) => statements.filter(({ Sid }) => Sid !== sid));

function policiesIn(synthesized: Synthesized): NamedPolicy[] {
  const { storage, service } = deploy(synthesized);
  return [...policiesOf(storage), ...policiesOf(service)];
}

function simulatorOver(policies: readonly NamedPolicy[], synthesized: Synthesized): Simulator {
  return async (call) => {
    const simulation = knownKeys(simulationOf(call, policies, synthesized));
    const response = await runSimulation(simulation, { simulationMode: 'Strict' });
    if (response.resultType === 'error')
      throw new Error(`${call.action} on ${call.resource}: ${JSON.stringify(response.errors)}`);
    return response.overallResult === 'Allowed' ? 'allowed' : 'denied';
  };
}

/**
 * The simulator does not know the one condition key whose name ends in a name of the service's own choice. Under another
 * name, in the policies and in the call, it compares it like any other.
 */
function knownKeys(simulation: Simulation): Simulation {
  const text = JSON.stringify(simulation).replaceAll(
    'kms:EncryptionContext:aws:s3:arn',
    'aws:PrincipalTag/kms-context',
  );
  return JSON.parse(text) as Simulation;
}

function simulationOf(call: Call, policies: readonly NamedPolicy[], synthesized: Synthesized): Simulation {
  const { arn, tags } = principalOf(call.principal, namesOf(synthesized.config));
  const policy = policyOf(call.principal, synthesized);
  const resource = call.resource.startsWith('arn:') || call.resource === '*' ? call.resource : objectArn(call.resource);
  const account = call.principal === 'other account' ? OTHER_ACCOUNT : ACCOUNT;
  const context: Call['context'] & object = {
    'aws:PrincipalArn': arn.replace(/^arn:aws:sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:aws:iam::$1:role/$2'),
    'aws:PrincipalAccount': account,
    'aws:PrincipalIsAWSService': 'false',
    'aws:SecureTransport': 'true',
    ...tags,
    ...usualContext(call.action),
    ...call.context,
  };
  return {
    request: {
      principal: arn,
      action: call.action,
      resource: { resource, accountId: ACCOUNT },
      contextVariables: Object.fromEntries(
        Object.entries(context).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, typeof value === 'string' ? value : [...value]]],
        ),
      ),
    },
    identityPolicies: [{ name: 'identity', policy: policy === undefined ? EVERYTHING : policyNamed(policies, policy) }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: resourcePolicyOf(resource, policies),
  };
}

const objectArn = (key: string): string => (key === '' ? BUCKET_ARN : `${BUCKET_ARN}/${key}`);

/** The bucket and the key are called by names of their own, all else by its logical id. */
function resourcePolicyOf(resource: string, policies: readonly NamedPolicy[]): PolicyDocument | undefined {
  if (resource === BUCKET_ARN || resource.startsWith(`${BUCKET_ARN}/`))
    return policyNamed(policies, `bucket ${BUCKET}`);
  if (resource.startsWith(LOG_BUCKET_ARN)) return policyNamed(policies, `bucket ${BUCKET}-logs`);
  if (resource === KEY_ARN) return policyNamed(policies, 'key DataKey');
  if (/:kms:.*:key\/alertkey/.test(resource)) return policyNamed(policies, 'key AlertKey');
  if (/:sqs:.*:Work/.test(resource)) return policyNamed(policies, 'queue Work');
  return resource.startsWith('arn:aws:sns:') ? policyNamed(policies, 'topic') : undefined;
}

/** What the agent and the job send with every such call. */
function usualContext(action: string): Record<string, string> {
  const [service, name = ''] = action.split(':');
  if (service === 'kms')
    return /Decrypt|GenerateDataKey/.test(name)
      ? { 'kms:ViaService': `s3.${REGION}.amazonaws.com`, 'kms:EncryptionContext:aws:s3:arn': BUCKET_ARN }
      : {};
  if (service !== 's3') return {};
  const tls = { 's3:TlsVersion': '1.3' };
  if (name !== 'PutObject') return tls;
  return {
    ...tls,
    's3:if-none-match': '*',
    's3:ObjectCreationOperation': 'true',
    's3:x-amz-server-side-encryption': 'aws:kms',
    's3:x-amz-server-side-encryption-aws-kms-key-id': KEY_ARN,
  };
}

interface Principal {
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
}

function principalOf(who: Who, names: ReturnType<typeof namesOf>): Principal {
  const session = (role: string, tags = {}): Principal => ({
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/session`,
    tags,
  });
  const [kind, id = ''] = who.split(/ (.*)/s);
  switch (kind) {
    case 'device':
      return { arn: `arn:aws:iam::${ACCOUNT}:user/laptop`, tags: { 'aws:PrincipalTag/device': id } };
    case 'certificate':
      return session(names.deviceRole, { 'aws:PrincipalTag/x509Subject/CN': id });
    case 'worker':
      return session(names.worker);
    case 'coordinator':
      return session(names.coordinator);
    case 'restore':
      return session(names.restoreRole);
    case 'administrator':
      return session(names.administratorRole);
    case 'break-glass':
      return session(BREAK_GLASS.split('/')[1] as string);
    case 'admin':
      return session('Admin');
    case 'deployer':
      return session(`cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${REGION}`);
    default:
      return { arn: `arn:aws:iam::${OTHER_ACCOUNT}:user/somebody`, tags: {} };
  }
}

/** The policy that says what somebody may do; undefined: everything that IAM can allow. */
export function policyOf(who: Who, { config }: Synthesized): string | undefined {
  const names = namesOf(config);
  const [kind = ''] = who.split(' ');
  const roles: Readonly<Record<string, string>> = {
    certificate: names.deviceRole,
    worker: names.worker,
    coordinator: names.coordinator,
    restore: names.restoreRole,
    administrator: names.administratorRole,
  };
  if (kind === 'device') return `policy ${names.devicePolicy}`;
  return roles[kind] === undefined ? undefined : `role ${roles[kind]}`;
}
