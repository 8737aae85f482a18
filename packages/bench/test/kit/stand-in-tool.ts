import { fileURLToPath } from 'node:url';
import type { Place, Tool, ToolName } from '../../src/tools/tool.ts';

const PROGRAM = fileURLToPath(new URL('stand-in-program.ts', import.meta.url));

export interface StandInBehaviour {
  readonly restores: 'well' | 'badly';
  /** Gets a line for every command that ran. */
  readonly logFile: string;
}

/** A tool for local repositories that really backs up and restores, in the place of one that may not be installed. */
export function standInTool(name: ToolName, { restores, logFile }: StandInBehaviour): Tool {
  const command = (verb: string, place: Place, operand: string) => {
    if (place.repository.kind !== 'local') throw new Error('the stand-in knows only local repositories');
    return {
      file: process.execPath,
      args: [PROGRAM, verb, place.repository.folder, operand, logFile],
      env: process.env,
    };
  };
  return {
    name,
    version: 'stand-in',
    init: () => undefined,
    backup: (place, folder) => command('backup', place, folder),
    restore: (place, target) => command(restores === 'well' ? 'restore' : 'restore-badly', place, target),
    restoredRoot: (target) => target,
  };
}
