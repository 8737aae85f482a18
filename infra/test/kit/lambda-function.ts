/** One of the bundled functions in a process of its own, with the environment that Lambda gives it. */
import { fork } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface LambdaFunction {
  /** Rejects with what the function threw. */
  invoke(event: unknown, options?: { readonly remainingMs?: number }): Promise<unknown>;
  /** What it has logged so far, a JSON line each. */
  readonly log: () => string;
  /** Of the last invocation, or of the start. */
  readonly usage: () => Usage;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

export interface Usage {
  readonly wallMs: number;
  /** Of all threads. */
  readonly cpuMs: number;
  /** Of the process so far. */
  readonly rssBytesMax: number;
}

export interface FunctionOptions {
  /** As configured; Lambda gives the heap its share of it. */
  readonly memoryMiB?: number;
  /** What it has when it begins. */
  readonly timeoutMs?: number;
  readonly exported?: string;
}

const TIMEOUT_MS = 15 * 60_000;

const PROCESS = fileURLToPath(import.meta.resolve('./lambda-process.ts'));

interface Answer {
  readonly number: number;
  readonly result?: unknown;
  readonly error?: string;
  readonly usage?: Usage;
}

export async function startFunction(
  bundle: string,
  environment: NodeJS.ProcessEnv,
  { memoryMiB = 512, timeoutMs = TIMEOUT_MS, exported = 'handler' }: FunctionOptions = {},
): Promise<LambdaFunction> {
  const child = fork(PROCESS, [pathToFileURL(bundle).href, exported], {
    env: environment,
    execArgv: [
      `--max-old-space-size=${Math.floor(memoryMiB * 0.9)}`,
      `--max-semi-space-size=${Math.floor(memoryMiB / 20)}`,
    ],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let log = '';
  child.stdout?.on('data', (piece: Buffer) => (log += piece.toString()));
  child.stderr?.on('data', (piece: Buffer) => (log += piece.toString()));
  const waiting = new Map<number, (answer: Answer) => void>();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const answerTo = (number: number): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.set(number, resolve);
      void ended.then(() => reject(new Error(`the function's process ended: ${log.slice(-2000)}`)));
    });
  child.on('message', (answer: Answer) => waiting.get(answer.number)?.(answer));
  let invocations = 0;
  let usage: Usage = { wallMs: 0, cpuMs: 0, rssBytesMax: 0 };
  const { usage: atStart = usage } = await answerTo(0);
  usage = atStart;
  return {
    async invoke(event, { remainingMs = timeoutMs } = {}) {
      const number = ++invocations;
      const answered = answerTo(number);
      child.send({ number, event, remainingMs });
      const { result, error, usage: used = usage } = await answered;
      usage = used;
      if (error !== undefined) throw new Error(error);
      return result;
    },
    log: () => log,
    usage: () => usage,
    pid: child.pid ?? 0,
    async stop() {
      child.kill();
      await ended;
    },
  };
}
