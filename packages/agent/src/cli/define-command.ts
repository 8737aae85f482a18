/**
 * How to add a command:
 * 1. `cli/commands/<name>.ts` (`config show` is `config-show.ts`) has `export default defineCommand({ args, run })`.
 *    Keys of `args` are camelCase: `excludeFile` is `--exclude-file`, or a positional argument, in the order given.
 * 2. A row in `cli/commands.ts` names it, describes it in one line, and imports it lazily.
 * 3. `run` maps arguments to one call of an engine function, shows its result by `context.out`, and returns the exit
 *    code. It throws BackupErrors; it never prints errors, exits, or reads clocks, environment or streams.
 * Options of every command (--repo, --json, ...) are in global-options.ts; what they say is in `context`.
 */
import type { CommandContext } from './context.ts';

interface Described {
  /** One line for --help, lower case, without a full stop. */
  readonly describe: string;
}

interface Valued extends Described {
  /** What stands for the value in --help: `file`, `size`. */
  readonly value: string;
}

export type ArgumentSpec =
  /** `--force`: boolean. A flag that switches something off is named so: `noExtraVerify`. */
  | (Described & { readonly type: 'flag' })
  /** `--target <dir>`: string or undefined. The last one counts. */
  | (Valued & { readonly type: 'text'; readonly choices?: readonly string[] })
  /** `--tag a --tag b`: a list of strings, maybe empty. */
  | (Valued & { readonly type: 'list' })
  /** `--concurrency 3`: a whole number from `min` to `max`, or undefined. */
  | (Valued & { readonly type: 'number'; readonly min: number; readonly max: number })
  /** `--exclude-larger-than 1.5GiB`: bytes, or undefined. */
  | (Valued & { readonly type: 'bytes' })
  /** `--read-data[=5%]`: string, '' without a value, undefined if not given. A value needs the equals sign. */
  | (Valued & { readonly type: 'optional-text' })
  /** A positional argument; after a `rest` none may follow. `some` is a `rest` of at least one. */
  | (Described & { readonly type: 'positional'; readonly count: 'one' | 'optional' | 'rest' | 'some' });

export type ArgumentSpecs = Readonly<Record<string, ArgumentSpec>>;

type ValueOf<Spec extends ArgumentSpec> = Spec extends { type: 'flag' }
  ? boolean
  : Spec extends { type: 'list' } | { type: 'positional'; count: 'rest' | 'some' }
    ? readonly string[]
    : Spec extends { type: 'positional'; count: 'one' }
      ? string
      : Spec extends { type: 'number' | 'bytes' }
        ? number | undefined
        : string | undefined;

export type ArgumentValues<Specs extends ArgumentSpecs> = { readonly [Name in keyof Specs]: ValueOf<Specs[Name]> };

export interface CommandDefinition<Specs extends ArgumentSpecs = ArgumentSpecs> {
  readonly args: Specs;
  /** What follows the options in --help: sentences. */
  readonly notes?: string;
  /** Whole command lines, for --help. */
  readonly examples?: readonly string[];
  run(args: ArgumentValues<Specs>, context: CommandContext): Promise<number>;
}

export const defineCommand = <const Specs extends ArgumentSpecs>(
  definition: CommandDefinition<Specs>,
): CommandDefinition<Specs> => definition;
