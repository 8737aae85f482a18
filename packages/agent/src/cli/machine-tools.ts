/** The machine's own tools and tables for what Node cannot do: for commands that read or write files' metadata. */
import { detectMetadataTools } from '../system/metadata-tools.ts';
import type { MetadataTools } from '../system/metadata-tools.ts';
import { makeOwnerNames } from '../system/owner-names.ts';
import type { OwnerNames } from '../system/owner-names.ts';
import type { CommandContext } from './context.ts';

export interface MachineTools {
  readonly metadata: MetadataTools;
  readonly owners: OwnerNames;
}

/** What the machine lacks is told as a warning, once. */
export function machineTools({ surroundings, report }: CommandContext): MachineTools {
  const { platform, searchPath, temporaryFolder, userId, user } = surroundings;
  const detected = detectMetadataTools({ platform, searchPath, temporaryFolder, isRoot: userId === 0 });
  for (const message of detected.warnings) report({ type: 'warning', message });
  const self = userId === undefined || user === '' ? undefined : { uid: userId, name: user };
  return {
    metadata: detected.tools,
    owners: makeOwnerNames({ passwdFile: '/etc/passwd', groupFile: '/etc/group', self }),
  };
}
