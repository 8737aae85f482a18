/** docs/exit-codes.md, made from the one table of the code: `node packages/agent/scripts/exit-codes-document.ts`. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { EXIT_CODES, EXIT_CODE_MEANINGS } from '@backup-agent/core';

export const EXIT_CODES_FILE = path.resolve(import.meta.dirname, '../../../docs/exit-codes.md');

export function exitCodesDocument(): string {
  const rows = [...EXIT_CODE_MEANINGS].map(([code, meaning]) => {
    const names = Object.entries(EXIT_CODES).filter(([, value]) => value === code);
    return `| ${code} | ${meaning} | ${names.map(([name]) => `\`${name}\``).join(', ')} |`;
  });
  return `# Exit codes

Made from the table in \`packages/core/src/errors.ts\` by \`packages/agent/scripts/exit-codes-document.ts\`; a test compares them.

| exit code | meaning | \`error.code\` with \`--json\` |
|---|---|---|
${rows.join('\n')}

Where several apply, the first of these is the exit code: 130, 143, 7, 6, 4, 5, 2, 1, 8, 3. A \`restore\` that meets damaged data restores all other files and ends with 3, naming the files that it cost.
`;
}

if (import.meta.main) writeFileSync(EXIT_CODES_FILE, exitCodesDocument());
