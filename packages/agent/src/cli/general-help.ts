/** What `backup-agent --help` prints. Loads nothing but the list of commands. */
import { COMMANDS } from './commands.ts';
import type { CommandRow } from './commands.ts';

export function generalHelp(): string {
  return `backup-agent <command> [options]

Backs up folders to a repository (a folder, or S3), looks inside, restores and verifies.

Commands:
${commandRows(COMMANDS)}

backup-agent <command> --help tells the options of a command; backup-agent --version the version.
Every command takes --repo <folder | s3://bucket/prefix> (or BACKUP_AGENT_REPO, or the configuration file).
`;
}

/** What `backup-agent hold --help` prints: the commands that begin so. */
export const groupHelp = (group: readonly CommandRow[]): string => `Commands:
${commandRows(group)}

backup-agent <command> --help tells the options of a command.
`;

function commandRows(rows: readonly CommandRow[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows.map(({ name, describe }) => `  ${name.padEnd(width)}  ${describe}`).join('\n');
}
