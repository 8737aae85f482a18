/** Puts together what one invocation of a command works with. */
import path from 'node:path';
import { BackupError, parseDeviceId } from '@backup-agent/core';
import { expandHome, readConfigFile } from './config/config-file.ts';
import { resolveSettings } from './config/settings.ts';
import type { Settings } from './config/settings.ts';
import type { CommandContext } from './context.ts';
import type { GlobalValues } from './global-options.ts';
import { openRepository, openRepositoryForWriting, repositoryPlace } from './open-repository.ts';
import type { RepositoryAccess } from './open-repository.ts';
import type { LogFile } from './output/log-file.ts';
import type { OpenedOutput } from './output/output.ts';
import { ProgressLine } from './output/progress-line.ts';
import { openReportSink } from './output/report-sink.ts';
import type { Shell } from './shell.ts';
import { yellow } from './output/colours.ts';

export interface Composed {
  readonly context: CommandContext;
  readonly progress: ProgressLine | undefined;
  readonly log: LogFile | undefined;
  /** Does what was registered for the end, however the command ended. */
  end(): void;
}

export interface Invocation {
  readonly command: string;
  readonly globals: GlobalValues;
  readonly shell: Shell;
  readonly out: OpenedOutput;
  readonly signal: AbortSignal;
}

/** Throws CONFIG_INVALID for a configuration that cannot be used, and what opening the log file throws. */
export async function compose({ command, globals, shell, out, signal }: Invocation): Promise<Composed> {
  const settings = readSettings(globals, shell);
  const log = await openLog(settings, globals, shell, command);
  const progress =
    shell.hasTerminal && !globals.quiet ? new ProgressLine(shell.stderr, () => shell.clock.elapsed()) : undefined;
  const report = openReportSink({
    writeError: (text) => shell.stderr.write(text),
    loudness: globals.quiet ? 'quiet' : globals.verbose ? 'verbose' : 'normal',
    progress,
    onEvent: (event) => out.event(event),
    log,
    redact: shell.redact,
    yellow: yellow(shell.colours.stderr),
  });
  const { clock, random, folders, surroundings } = shell;
  const endings: (() => void)[] = [];
  const onEnd = (work: () => void): void => void endings.push(work);
  const device = () => parseDeviceId(settings.device.value);
  const access: RepositoryAccess = { settings, surroundings, folders, device, signal, random, report, clock, onEnd };
  return {
    progress,
    log,
    end() {
      for (const work of endings.reverse()) work();
    },
    context: {
      access,
      onEnd,
      settings,
      out,
      isJson: globals.json,
      verbose: globals.verbose,
      report,
      signal,
      ask: askerOf({ globals, shell, signal, progress }),
      clock,
      random,
      surroundings,
      folders,
      device,
      repositoryPlace: () => repositoryPlace(access),
      openRepository: (options) => openRepository(access, options),
      openRepositoryForWriting: () => openRepositoryForWriting(access),
    },
  };
}

/** Who wants JSON or quiet is a program. */
function askerOf({
  globals,
  shell,
  signal,
  progress,
}: Pick<Invocation, 'globals' | 'shell' | 'signal'> & Pick<Composed, 'progress'>): CommandContext['ask'] {
  if (!shell.canAsk || globals.json || globals.quiet) return undefined;
  return (question) => {
    progress?.clear();
    return shell.ask(question, signal);
  };
}

function readSettings(globals: GlobalValues, shell: Shell): Settings {
  const { environment, surroundings, folders } = shell;
  const { home, workingFolder } = surroundings;
  const named = globals.config ?? environment['BACKUP_AGENT_CONFIG'];
  const file =
    named === undefined
      ? path.join(folders.config, 'config.json')
      : path.resolve(workingFolder, expandHome(named, home));
  const values = readConfigFile(file, home);
  if (values === undefined && named !== undefined)
    throw new BackupError('CONFIG_INVALID', `there is no configuration file ${file}`, {
      hint: globals.config === undefined ? 'BACKUP_AGENT_CONFIG names it' : 'check --config',
    });
  const { repo, device, region, endpoint, kmsKey, logFile } = globals;
  return resolveSettings({
    flags: { repo, device, region, endpoint, kmsKey, logFile },
    environment,
    file: values === undefined ? undefined : { path: file, values },
    host: surroundings.host,
    processors: surroundings.processors,
  });
}

async function openLog(
  settings: Settings,
  globals: GlobalValues,
  shell: Shell,
  command: string,
): Promise<LogFile | undefined> {
  const { home, workingFolder, version } = shell.surroundings;
  const named = settings.logFile.value;
  if (named === undefined) return undefined;
  const { openLogFile } = await import('./output/log-file.ts');
  return openLogFile({
    path: path.resolve(workingFolder, expandHome(named, home)),
    verbose: globals.verbose,
    command,
    version,
    redact: shell.redact,
  });
}
