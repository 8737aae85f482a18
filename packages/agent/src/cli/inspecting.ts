/** What commands that look inside a repository have in common. */
import type { InspectDeps } from '../inspect/open-snapshot.ts';
import type { CommandContext } from './context.ts';

export interface Inspecting {
  readonly deps: InspectDeps;
  /** What was damaged so far, a sentence each; told as warnings already. */
  readonly damages: readonly string[];
}

/** Opens the repository for reading, in whatever state it is. */
export async function inspecting({ openRepository, report }: CommandContext): Promise<Inspecting> {
  const { repository, pageCache } = await openRepository({ despiteDamage: true });
  const damages: string[] = [];
  const onDamage = (message: string): void => {
    damages.push(message);
    report({ type: 'warning', message });
  };
  return { deps: { repository, pageCache, onDamage }, damages };
}
