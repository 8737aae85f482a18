/** Checks a configuration: everything that is wrong is said in one message, also what is wrong only in combination. */
import { configFields } from './backup-config.ts';
import type { BackupConfig } from './backup-config.ts';
import { COMBINATIONS } from './combinations.ts';

type Name = keyof BackupConfig;
const NAMES = Object.keys(configFields) as Name[];

/** Throws a TypeError that lists all problems. */
export function parseConfig(raw: object): BackupConfig {
  const given = raw as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).filter((name) => !NAMES.includes(name as Name));
  const problems = unknown.map((name) => `${name}: there is no such setting`);
  const values: Record<string, unknown> = {};
  const wrong = new Set<Name>();
  for (const name of NAMES) {
    const parsed = configFields[name].safeParse(given[name]);
    if (parsed.success) values[name] = parsed.data;
    else {
      wrong.add(name);
      for (const { path, message } of parsed.error.issues) problems.push(`${[name, ...path].join('.')}: ${message}`);
    }
  }
  for (const { needs, problem } of COMBINATIONS) {
    // What a wrong value would mean in combination nobody can say.
    if (needs.some((name) => wrong.has(name))) continue;
    const found = problem(values as BackupConfig);
    if (found !== undefined) problems.push(found);
  }
  if (problems.length > 0)
    throw new TypeError(`the configuration is not right:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
  return values as BackupConfig;
}
