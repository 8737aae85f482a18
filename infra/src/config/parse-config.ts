/** Checks a configuration: everything that is wrong is said in one message, also what is wrong only in combination. */
import type * as z from 'zod';
import { configFields } from './backup-config.ts';
import type { BackupConfig } from './backup-config.ts';
import { COMBINATIONS } from './combinations.ts';

type Name = keyof BackupConfig;
const NAMES = Object.keys(configFields) as Name[];

/** Throws a TypeError that lists all problems. */
export function parseConfig(raw: unknown): BackupConfig {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw new TypeError('the configuration must be an object of settings, as in config.example.ts');
  const given = raw as Readonly<Record<string, unknown>>;
  const problems = Object.keys(given)
    .filter((name) => !NAMES.includes(name as Name))
    .map(unknownSetting);
  const values: Record<string, unknown> = {};
  const wrong = new Set<Name>();
  for (const name of NAMES) {
    const parsed = configFields[name].safeParse(given[name]);
    if (parsed.success) values[name] = parsed.data;
    else {
      wrong.add(name);
      problems.push(...parsed.error.issues.flatMap((issue) => told(name, issue)));
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

function unknownSetting(name: string): string {
  const meant = NAMES.find((known) => known.toLowerCase() === name.toLowerCase());
  return `${name}: there is no such setting${meant === undefined ? '' : `; it is written ${meant}`}`;
}

function told(name: Name, { path, message, ...issue }: z.core.$ZodIssue): string[] {
  const place = [name, ...path].join('.');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${place}.${key}: there is no such setting`);
  return [`${place}: ${message}`];
}
