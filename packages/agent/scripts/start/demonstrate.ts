/** Backs up real documents, looks at the snapshot, restores it elsewhere and compares: all by the real command line. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import path from 'node:path';
import { chooseSources } from './choose-sources.ts';
import { ensureBundle, runCommand } from './cli-program.ts';
import { compareTrees } from './compare-trees.ts';
import type { Comparison } from './compare-trees.ts';
import { documentsFolder } from './documents-folder.ts';

const CHECKOUT = path.resolve(import.meta.dirname, '../../../..');
/** Git ignores it. */
const DEMO = path.join(CHECKOUT, '.cache/demo');
const REPOSITORY = path.join(DEMO, 'repository');
const RESTORED = path.join(DEMO, 'restored');

const FOLDERS_SHOWN_MAX = 3;

const say = (text = ''): void => void process.stdout.write(`${text}\n`);

/** The exit code: 0 if everything came back as it was, else that of the command that failed, or 1. */
export async function demonstrate(): Promise<number> {
  ensureBundle();
  fs.mkdirSync(DEMO, { recursive: true });
  removeRestored();
  // Without its repository the state of an earlier demonstration would only say that one is missing.
  if (!fs.existsSync(REPOSITORY)) fs.rmSync(path.join(DEMO, 'state'), { recursive: true, force: true });
  const { bavail, bsize } = fs.statfsSync(DEMO);
  const documents = documentsFolder({ platform: process.platform, home: os.homedir(), environment: process.env });
  // The repository and the restored copy need room, and some has to be left.
  const sources = chooseSources(documents, CHECKOUT, (bavail * bsize) / 3);
  say(`This backs up ${sources.because}.`);
  say(`${sources.files} files, ${(sources.bytes / 1024 ** 2).toFixed(1)} MiB; the repository is ${shown(REPOSITORY)}.`);

  const since = Date.now();
  const repo = ['--repo', shown(REPOSITORY)];
  const steps = [
    // Nothing is left out, so that the comparison can be complete.
    ['run', ...namedSources(sources.folders), '--no-default-excludes', '--tag', 'demo', ...repo],
    ['snapshots', ...repo],
    ['restore', 'latest', '--target', shown(RESTORED), ...repo],
  ];
  const INCOMPLETE = 3;
  let isIncomplete = false;
  for (const words of steps) {
    const code = await step(words);
    if (code !== 0 && code !== INCOMPLETE) return code;
    isIncomplete ||= code === INCOMPLETE;
  }
  const differs = compareAll(sources.folders, since);
  if (differs) return 1;
  removeRestored();
  sayHowToGoOn(sources.folders);
  return isIncomplete ? INCOMPLETE : 0;
}

/** A command line that can be read: many folders go into a file. */
function namedSources(folders: readonly string[]): string[] {
  if (folders.length <= FOLDERS_SHOWN_MAX) return folders.map(shown);
  const list = path.join(DEMO, 'folders.txt');
  fs.writeFileSync(list, `${folders.join('\n')}\n`);
  return ['--files-from', shown(list)];
}

/** Folders that came back read-only do not let their content be removed. */
function removeRestored(): void {
  const open = (folder: string): void => {
    fs.chmodSync(folder, 0o700);
    for (const entry of fs.readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) open(path.join(folder, entry.name));
  };
  if (process.platform !== 'win32' && fs.existsSync(RESTORED)) open(RESTORED);
  fs.rmSync(RESTORED, { recursive: true, force: true });
}

async function step(words: readonly string[]): Promise<number> {
  say();
  say(`$ backup-agent ${words.map((word) => (/^[\w./:~@+=-]+$/.test(word) ? word : `"${word}"`)).join(' ')}`);
  return runCommand(words, { folder: CHECKOUT, env: ownEnvironment() });
}

/** The person's own configuration has no say here, and the demonstration leaves nothing outside its folder. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('BACKUP_AGENT_'));
  return {
    ...Object.fromEntries(kept),
    XDG_CONFIG_HOME: path.join(DEMO, 'config'),
    XDG_STATE_HOME: path.join(DEMO, 'state'),
    XDG_CACHE_HOME: path.join(DEMO, 'cache'),
  };
}

/** Whether anything differs that did not change on the disk meanwhile. */
function compareAll(folders: readonly string[], since: number): boolean {
  say();
  say('Comparing every restored file with its original: content, times, modes, links.');
  const options = { since, modes: process.platform !== 'win32', owners: process.getuid?.() === 0 };
  const results = folders.map((folder) =>
    compareTrees(folder, folders.length === 1 ? RESTORED : path.join(RESTORED, path.basename(folder)), options),
  );
  const sum = (part: (result: Comparison) => number): number =>
    results.reduce((total, result) => total + part(result), 0);
  const differences = sum((result) => result.differenceCount);
  for (const text of results.flatMap((result) => result.differences)) say(`  ${JSON.stringify(text).slice(1, -1)}`);
  const changed = sum((result) => result.changedSince);
  if (changed > 0) say(`  ${changed} changed on the disk since the backup began and were passed over.`);
  const files = `${sum((result) => result.files)} files, ${(sum((result) => result.bytes) / 1024 ** 2).toFixed(1)} MiB`;
  say(
    differences === 0 ? `${files}: all came back byte for byte.` : `${files}: ${differences} differ from the original.`,
  );
  return differences > 0;
}

function sayHowToGoOn(folders: readonly string[]): void {
  const repo = `--repo ${shown(REPOSITORY)}`;
  say(`
The restored copy has been removed again. How to go on:
  look inside the snapshot
    npm start -- ls latest ${repo}
  back up again: only what changed is stored
    npm start -- run ${folders.length === 1 ? shown(folders[0] ?? '') : '<folder>'} ${repo}
  a backup that outlives this disk
    npm start -- run <folder> --repo <folder on another disk>
  all commands; docs/user-guide.md explains them
    npm start -- --help
The demonstration lies in ${shown(DEMO)} and may be deleted.`);
}

/** Relative to the checkout where that is shorter. */
function shown(place: string): string {
  const relative = path.relative(CHECKOUT, place);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative) ? relative : place;
}
