/** Arguments that are told by their place. */
import type { ArgumentSpec, ArgumentSpecs } from './define-command.ts';
import { kebabCase } from './option-names.ts';

/** `<snapshot> [path...]` */
export const positionalUsage = (specs: ArgumentSpecs): string =>
  Object.entries(specs)
    .map(([name, spec]) => usageOf(kebabCase(name), spec))
    .filter((usage) => usage !== '')
    .join(' ');

function usageOf(name: string, spec: ArgumentSpec): string {
  if (spec.type !== 'positional') return '';
  return { one: `<${name}>`, optional: `[${name}]`, rest: `[${name}...]`, some: `<${name}...>` }[spec.count];
}
