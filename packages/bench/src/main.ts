import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackupError, isBackupError } from '@backup-agent/core';
import { syncDisks } from './measure/measure-command.ts';
import { HELP, parseOptions, type BenchOptions } from './options.ts';
import { describeMachine } from './report/machine.ts';
import { renderReport, type BenchReport } from './report/render-report.ts';
import { runBench } from './run-bench.ts';
import { openAgent } from './tools/agent.ts';
import { agentSources, ensureAgentBuilt } from './tools/build-agent.ts';
import { findRestic } from './tools/restic.ts';
import type { Tool } from './tools/tool.ts';

/** The agent reads a file again if it was touched less than 2 s before it was last read. */
const SETTLE_MS = 2500;

const report = (text: string) => process.stderr.write(`${text}\n`);

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), {
    // pnpm runs scripts in the package's folder and tells here where it was called.
    folder: process.env['INIT_CWD'] ?? process.cwd(),
    temporaryFolder: os.tmpdir(),
    memoryFolder: existsSync('/dev/shm') ? '/dev/shm' : undefined,
    env: process.env,
  });
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  for (const folder of [options.workFolder, options.restoreFolder]) await mkdir(folder, { recursive: true });
  const machine = await describeMachine(options);
  const { tools, versions } = await openTools(options);
  const groups = await runBench(options, {
    tools,
    benchId: `bench-${Date.now()}`,
    signal: abortedBySignals(),
    now: () => new Date(),
    settle: () => sleep(SETTLE_MS),
    sync: syncDisks,
    report,
  });
  const found: BenchReport = { machine, versions, scale: options.scale, rounds: options.rounds, groups };
  process.stdout.write(renderReport(found));
  if (options.jsonFile !== undefined) await writeFile(options.jsonFile, `${JSON.stringify(found, undefined, 2)}\n`);
  return 0;
}

async function openTools(options: BenchOptions): Promise<{ tools: Tool[]; versions: BenchReport['versions'] }> {
  const tools: Tool[] = [];
  const versions: Partial<Record<Tool['name'], string>> = {};
  if (options.tools.includes('agent')) {
    const file = await ensureAgentBuilt(agentSources(), process.execPath);
    const configFile = path.join(options.workFolder, 'agent-config.json');
    tools.push(await openAgent({ file, node: process.execPath, configFile }, process.env));
  }
  if (options.tools.includes('restic')) {
    const restic = await findRestic(process.env);
    if (restic) tools.push(restic);
    else versions.restic = 'not found on the PATH';
  }
  if (tools.length === 0)
    throw new BackupError('CONFIG_INVALID', 'restic is not on the PATH, so there is nothing to measure');
  for (const tool of tools) versions[tool.name] = tool.version;
  return { tools, versions };
}

/** Ends the tool that is running; the bench then takes its change back, tidies up and says that it was interrupted. */
function abortedBySignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!isBackupError(error)) throw error;
  report(`bench: ${error.message}`);
  if (error.hint !== undefined) report(`  ${error.hint}`);
  process.exitCode = error.exitCode;
}
