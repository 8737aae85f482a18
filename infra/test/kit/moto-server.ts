/** A server of AWS's services of its own, on loopback, whose objects can be written as if long ago. */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export interface MotoServer {
  readonly url: string;
  /** What is written from now on is so old. */
  readonly setObjectAge: (ms: number) => void;
  /** Messages that are held back come so much earlier. */
  readonly hurryQueues: (ms: number) => void;
  /** Requests that it broke down on. Clients ask again, and may then be told that all is well. */
  readonly breakdowns: () => string[];
  readonly stop: () => Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('../../../packages/core/test/long/serve-moto.py', import.meta.url));
const START_MS_MAX = 60_000;

/** `python`: an interpreter that has moto. `folder`: for its clock and its log. `account`: whose everything is. */
export async function startMotoServer(
  python: string,
  folder: string,
  { account }: { readonly account?: string } = {},
): Promise<MotoServer> {
  const port = await freePort();
  const clock = path.join(folder, 'clock');
  let [objectAgeMs, hurriedMs] = [0, 0];
  const setClock = (): void => {
    // Whole or not at all: the server reads it at any time.
    fs.writeFileSync(`${clock}.new`, `${-objectAgeMs / 1000} ${hurriedMs / 1000}`);
    fs.renameSync(`${clock}.new`, clock);
  };
  setClock();
  const logFile = path.join(folder, 'moto.log');
  const log = fs.openSync(logFile, 'w');
  const server = spawn(python, [PROGRAM, String(port), clock], {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...(account === undefined ? {} : { MOTO_ACCOUNT_ID: account }) },
  });
  fs.closeSync(log);
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const startedMs = performance.now();
  while (!(await answers(port))) {
    if (server.exitCode !== null || performance.now() - startedMs > START_MS_MAX)
      throw new Error(`moto does not start: ${fs.readFileSync(logFile, 'utf8')}`);
    await wait(100);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    setObjectAge(ms) {
      objectAgeMs = ms;
      setClock();
    },
    hurryQueues(ms) {
      hurriedMs += ms;
      setClock();
    },
    breakdowns: () => fs.readFileSync(logFile, 'utf8').match(/^Error on request.*|^.* 5\d\d -$/gm) ?? [],
    async stop() {
      server.kill();
      await ended;
    },
  };
}

const LIST_TYPES =
  'import json; from moto.cloudformation.parsing import get_model_map; print(json.dumps(list(get_model_map())))';

/** The types of which its CloudFormation makes something. Of others it makes nothing, and does not say so. */
export const typesInMoto = (python: string): ReadonlySet<string> =>
  new Set(JSON.parse(execFileSync(python, ['-c', LIST_TYPES], { encoding: 'utf8' })) as string[]);

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
