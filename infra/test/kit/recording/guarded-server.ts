/**
 * A server behind the policies of the synthesized stacks: each request is decided by the simulator of IAM before it is
 * passed on, and noted. The server itself (moto) knows nothing of policies. Who asks, the access key tells.
 */
import { startCountingProxy } from '@backup-agent/core/test-kit';
import type { AnswerInstead, ArrivedRequest } from '@backup-agent/core/test-kit';
import { deploy } from '../resolve-template.ts';
import { simulatorOf } from '../simulate.ts';
import type { Call, Who } from '../simulate.ts';
import type { Synthesized } from '../synthesize.ts';
import { callsOf } from './calls.ts';
import { recordedRequestOf } from './request.ts';
import type { RecordedRequest } from './request.ts';
import { serviceArnsOf } from './service-arns.ts';

export interface GuardedServer {
  readonly url: string;
  /** What a queue or topic is called in recordings. */
  name(resource: string, name: string): void;
  /** Distinct requests of a principal so far, in the order in which they first came. */
  recorded(principal: Who): Recorded;
  /** What happens to requests that are allowed. `answered` may replace the answer to what has been done. */
  readonly hooks: {
    arrived?: ((request: RecordedRequest) => Promise<void> | void) | undefined;
    answered?: ((request: RecordedRequest) => number | undefined) | undefined;
  };
  /** Tells clients a later time than it is. */
  setDateAhead(ms: number): void;
  close(): Promise<void>;
}

export interface Recorded {
  readonly allowed: readonly RecordedRequest[];
  readonly refused: readonly RecordedRequest[];
}

const DENIED: AnswerInstead = { type: 'answer', status: 403, code: 'AccessDenied', message: 'Access Denied' };

/** Requests with TEST_CREDENTIALS pass without a decision; what nobody has taught the recorder is answered with 501. */
export async function startGuardedServer(
  target: string,
  { principals, synthesized }: { readonly principals: readonly Who[]; readonly synthesized: Synthesized },
): Promise<GuardedServer> {
  const judge = judgeOf(synthesized);
  const resources = new Map<string, string>();
  const known = new Map<string, { readonly request: RecordedRequest; readonly allowed: boolean }>();
  const recordedOf = new WeakMap<ArrivedRequest, RecordedRequest>();
  const hooks: GuardedServer['hooks'] = {};
  let dateAheadMs = 0;
  const mayListAll = new Map<Who, boolean>();
  for (const principal of principals) mayListAll.set(principal, await judge.mayListAll(principal));

  const decide = async (arrived: ArrivedRequest): Promise<AnswerInstead | undefined> => {
    try {
      return await decideKnown(arrived);
    } catch (error) {
      return { type: 'answer', status: 501, code: 'NotImplemented', message: (error as Error).message };
    }
  };
  const decideKnown = async (arrived: ArrivedRequest): Promise<AnswerInstead | undefined> => {
    const request = await recordedRequestOf(arrived, { principals, resources });
    if (request === undefined) return undefined;
    recordedOf.set(arrived, request);
    const text = JSON.stringify(request);
    const verdict = known.get(text) ?? { request, allowed: await judge.allows(request) };
    known.set(text, verdict);
    if (!verdict.allowed) return DENIED;
    await hooks.arrived?.(request);
    return undefined;
  };
  const proxy = await startCountingProxy(target, decide, {
    dateAheadMs: () => dateAheadMs,
    revise: (arrived, status) => {
      const request = recordedOf.get(arrived);
      if (request === undefined) return undefined;
      const isMissing = status === 404 && ['GetObject', 'HeadObject'].includes(arrived.operation);
      // Whoever may list under a prefix only is not told that there is no such object.
      if (isMissing && mayListAll.get(request.principal) === false) return DENIED;
      const instead = hooks.answered?.(request);
      return instead === undefined
        ? undefined
        : { type: 'answer', status: instead, code: 'InternalError', message: 'the answer was lost' };
    },
  });
  return {
    url: proxy.url,
    name: (resource, name) => void resources.set(resource, name),
    recorded(principal) {
      const own = [...known.values()].filter(({ request }) => request.principal === principal);
      const those = (allowed: boolean) => own.filter((one) => one.allowed === allowed).map(({ request }) => request);
      return { allowed: those(true), refused: those(false) };
    },
    hooks,
    setDateAhead: (ms) => (dateAheadMs = ms),
    close: () => proxy.close(),
  };
}

function judgeOf(synthesized: Synthesized) {
  const simulate = simulatorOf(synthesized);
  const arns = serviceArnsOf(deploy(synthesized).service);
  const isAllowed = async (call: Call): Promise<boolean> => (await simulate(call)) === 'allowed';
  return {
    async allows(request: RecordedRequest): Promise<boolean> {
      for (const call of callsOf(request, arns)) if (!(await isAllowed(call))) return false;
      return true;
    },
    mayListAll: (principal: Who) => isAllowed({ principal, action: 's3:ListBucket', resource: '' }),
  };
}
