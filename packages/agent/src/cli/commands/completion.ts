/** `completion`: the script that makes bash and zsh complete command lines of this program; yargs writes it. */
import yargs from 'yargs';
import { defineCommand } from '../define-command.ts';

export default defineCommand({
  args: {},
  notes: 'The script is for the shell that SHELL names, bash or zsh. With --json it is the same.',
  examples: ['backup-agent completion >> ~/.bashrc', 'backup-agent completion >> ~/.zshrc'],
  run() {
    yargs().scriptName('backup-agent').locale('en').showCompletionScript();
    return Promise.resolve(0);
  },
});
