/**
 * To be loaded before everything else (`node --import`): changes the text of sources on their way into the process, as
 * the broken protocol says that BROKEN_PROTOCOL names. Fails loudly where the text to be changed is not there once.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { BROKEN_PROTOCOLS } from '../broken-protocols.ts';
import { editedText } from './edited-text.ts';

const name = process.env['BROKEN_PROTOCOL'];
const broken = BROKEN_PROTOCOLS.find((one) => one.name === name);
if (broken === undefined) throw new Error(`no broken protocol is called ${name}`);

registerHooks({
  load(url, context, nextLoad) {
    const edits = broken.edits.filter(({ file }) => url.endsWith(`/packages/core/${file}`));
    if (edits.length === 0) return nextLoad(url, context);
    const source = editedText(readFileSync(fileURLToPath(url), 'utf8'), edits);
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});
