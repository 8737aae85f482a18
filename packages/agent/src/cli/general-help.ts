/** What `backup-agent --help` prints. Loads nothing but the list of commands. */
import { COMMANDS } from './commands.ts';

export function generalHelp(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const commands = COMMANDS.map(({ name, describe }) => `  ${name.padEnd(width)}  ${describe}`);
  return `backup-agent <command> [options]

Backs up folders to a repository (a folder, or S3), looks inside, restores and verifies.

Commands:
${commands.join('\n')}

backup-agent <command> --help tells the options of a command; backup-agent --version the version.
Every command takes --repo <folder | s3://bucket/prefix> (or BACKUP_AGENT_REPO, or the configuration file).
`;
}
