/** From flags and configuration to the job of a backup. Flags add to lists of excludes, and replace everything else. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { BackupError, isNodeError, makeFolders } from '@backup-agent/core';
import type { BackupJob, BackupRoot } from '../../backup/job.ts';
import { explainExclusion } from '../../walk/excludes/explain.ts';
import { usualExcludes } from '../../walk/excludes/excludes.ts';
import type { ExcludeOptions } from '../../walk/excludes/excludes.ts';
import { patternsOfOptions, readPatternFile } from '../../walk/excludes/patterns.ts';
import { resolveSources } from '../../walk/source-patterns.ts';
import { expandHome } from '../config/config-file.ts';
import type { CommandContext } from '../context.ts';
import type { ArgumentValues } from '../define-command.ts';
import type { RUN_ARGS } from './run-arguments.ts';

export type RunArguments = ArgumentValues<typeof RUN_ARGS>;

export interface PlannedBackup {
  readonly job: BackupJob;
  /** How many of the sources could not be looked for, or do not exist within another. */
  readonly problemCount: number;
}

/** Throws CONFIG_INVALID for sources, patterns or files that cannot be used. */
export async function planBackup(args: RunArguments, context: CommandContext): Promise<PlannedBackup> {
  const { settings } = context;
  const oneFileSystem = args.crossFileSystems ? false : args.oneFileSystem || settings.oneFileSystem.value;
  const excludes = excludesOf(args, context);
  const { roots, problemCount } = await rootsOf(args, context, { oneFileSystem, excludes });
  refuseOwnFolders(roots, context);
  const job: BackupJob = {
    roots,
    walk: {
      excludes,
      oneFileSystem,
      leaveOut: [],
      tellExcluded: context.verbose,
    },
    tags: args.tag.length > 0 ? args.tag : settings.tags.value,
    concurrency: args.concurrency ?? settings.concurrency.value,
    compressionLevel: settings.compressionLevel.value,
    extraVerify: !args.noExtraVerify && settings.extraVerify.value,
    force: args.force,
    ignoreInode: args.ignoreInode || settings.ignoreInode.value,
    ignoreCtime: args.ignoreCtime || settings.ignoreCtime.value,
    dryRun: args.dryRun,
  };
  return { job, problemCount };
}

async function rootsOf(
  args: RunArguments,
  { settings, surroundings, report }: CommandContext,
  walk: { readonly oneFileSystem: boolean; readonly excludes: ExcludeOptions },
): Promise<{ roots: readonly BackupRoot[]; problemCount: number }> {
  const { workingFolder: cwd, home, platform } = surroundings;
  const named = [...args.folder, ...args.filesFrom.flatMap((file) => readPathList(file, cwd))];
  const { roots, problems, notes } = await resolveSources(named.length > 0 ? named : settings.sources.value, {
    cwd,
    home,
    platform,
    oneFileSystem: walk.oneFileSystem,
    isLeftOut: (root, inner) => explainExclusion(root, inner, walk.excludes) !== undefined,
  });
  if (roots.length === 0)
    throw new BackupError('CONFIG_INVALID', problems[0]?.message ?? 'no folder is named that is to be backed up', {
      hint: 'name folders after "run", or as "sources" in the configuration file',
    });
  for (const message of notes) report({ type: 'detail', message });
  for (const { source, message } of problems) report({ type: 'problem', path: source, reason: message });
  return {
    roots: roots.map((root) => ({ ...root, catalogPath: slashed(root.path, platform) })),
    problemCount: problems.length,
  };
}

const slashed = (path: string, platform: NodeJS.Platform): string =>
  platform === 'win32' ? path.replaceAll('\\', '/') : path;

/** One path a line, or NUL-separated if there is a NUL; `-` is standard input. Relative paths as on the command line. */
function readPathList(file: string, workingFolder: string): string[] {
  try {
    const text = readFileSync(file === '-' ? 0 : path.resolve(workingFolder, file), 'utf8');
    return text.split(text.includes('\0') ? '\0' : /\r?\n/).filter((line) => line !== '');
  } catch (cause) {
    throw new BackupError('CONFIG_INVALID', `--files-from: ${file} cannot be read`, {
      hint: 'check that the file exists and that you may read it',
      cause,
    });
  }
}

function excludesOf(args: RunArguments, { settings, surroundings }: CommandContext): ExcludeOptions {
  const { platform, home, workingFolder } = surroundings;
  const defaults = !args.noDefaultExcludes && settings.defaultExcludes.value;
  const files = args.excludeFile.map((file) => path.resolve(workingFolder, expandHome(file, home)));
  return {
    ...usualExcludes({ platform, home }),
    patterns: [
      ...settings.excludeFiles.value.flatMap(readPatternFile),
      ...patternsOfOptions(settings.exclude.value, '"exclude"'),
      ...files.flatMap(readPatternFile),
      ...patternsOfOptions(args.exclude),
    ],
    ifPresent: [...settings.excludeIfPresent.value, ...args.excludeIfPresent],
    largerThanBytes: args.excludeLargerThan ?? settings.excludeLargerThan.value,
    defaults,
    cacheTags: defaults,
  };
}

/** The job without this program's own folders. They are known by their identity, so they have to be there by now. */
export function withoutOwnFolders(job: BackupJob, context: CommandContext): BackupJob {
  if (!job.dryRun) makeFolders(context.folders.state, 0o700);
  return { ...job, walk: { ...job.walk, leaveOut: ownFolders(context).flatMap(identityOf) } };
}

/** Folders that are never backed up: the repository, and what this program keeps on the machine. */
function ownFolders({ folders, repositoryPlace }: CommandContext): string[] {
  const place = repositoryPlace();
  return [folders.state, folders.cache, ...(place.type === 'local' ? [place.path] : [])];
}

function identityOf(folder: string): { device: bigint; inode: bigint }[] {
  try {
    const stat = statSync(folder, { bigint: true });
    return [{ device: stat.dev, inode: stat.ino }];
  } catch (error) {
    if (isNodeError(error)) return []; // Not there: nothing to leave out.
    throw error;
  }
}

/** The walk leaves these folders out where it meets them; a root within one is somebody's mistake. */
function refuseOwnFolders(roots: readonly BackupRoot[], context: CommandContext): void {
  for (const root of roots) {
    const own = ownFolders(context).find((folder) => isWithin(root.path, folder));
    if (own === undefined) continue;
    throw new BackupError('CONFIG_INVALID', `${root.path} lies in ${own}, which belongs to the backup itself`, {
      hint: 'back up other folders, or keep the repository elsewhere',
    });
  }
}

function isWithin(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || (relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative));
}
