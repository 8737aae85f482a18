/** Coordinator and worker: two functions of one asset, each with a role of its own. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { createRole } from '../access/create-role.ts';
import { acknowledge } from '../acknowledgements.ts';
import type { BackupConfig } from '../config/backup-config.ts';
import { logStatement } from './job-statements.ts';

/** The longest that Lambda allows: a large device's night takes what it can get, and sends the rest on. */
export const WORKER_TIMEOUT = Duration.minutes(15);
/** Its store gives up after 10 minutes; then there is time to say so. */
export const COORDINATOR_TIMEOUT = Duration.minutes(12);

const RETENTION: Readonly<Record<BackupConfig['logDays'], RetentionDays>> = {
  30: RetentionDays.ONE_MONTH,
  60: RetentionDays.TWO_MONTHS,
  90: RetentionDays.THREE_MONTHS,
  120: RetentionDays.FOUR_MONTHS,
  150: RetentionDays.FIVE_MONTHS,
  180: RetentionDays.SIX_MONTHS,
  365: RetentionDays.ONE_YEAR,
  400: RetentionDays.THIRTEEN_MONTHS,
  545: RetentionDays.EIGHTEEN_MONTHS,
  731: RetentionDays.TWO_YEARS,
};

export interface FunctionInput {
  /** Also of its role and log. */
  readonly name: string;
  readonly description: string;
  readonly code: Code;
  readonly handler: 'coordinator.handler' | 'worker.handler';
  readonly timeout: Duration;
  readonly memoryMiB: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly PolicyStatement[];
  readonly logDays: BackupConfig['logDays'];
}

export function createFunction(scope: Construct, id: string, input: FunctionInput): Function {
  // Made before the function: Lambda would make one by itself that never forgets.
  const logGroup = new LogGroup(scope, `${id}Log`, {
    logGroupName: `/aws/lambda/${input.name}`,
    retention: RETENTION[input.logDays],
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = createRole(scope, `${id}Role`, {
    name: input.name,
    description: input.description,
    trust: [trustInLambda()],
    statements: [...input.statements, logStatement(logGroup.logGroupArn)],
  });
  const created = new Function(scope, id, {
    functionName: input.name,
    description: input.description,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: input.code,
    handler: input.handler,
    timeout: input.timeout,
    memorySize: input.memoryMiB,
    // Without source maps at run time: to read one takes 24 MiB of a worker's memory, and names are not shortened.
    environment: { ...input.environment },
    // All it may do is written above: nothing else adds to it.
    role: role.withoutPolicyUpdates(),
    logGroup,
    loggingFormat: LoggingFormat.JSON,
  });
  acknowledge(created, 'function');
  acknowledge(role, 'jobRole');
  return created;
}

const trustInLambda = (): PolicyStatement =>
  new PolicyStatement({
    sid: 'ByLambda',
    principals: [new ServicePrincipal('lambda.amazonaws.com')],
    actions: ['sts:AssumeRole'],
  });
