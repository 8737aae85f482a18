/** `backup <repository> <folder> <log>` and `restore <repository> <target> <log>`: a backup tool small enough for tests. */
import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { copyFolder } from '../../src/corpus/copy-folder.ts';

const [verb, repository, place, log] = process.argv.slice(2) as [string, string, string, string];
appendFileSync(log, `${verb} ${path.basename(path.dirname(repository))}\n`);
mkdirSync(repository, { recursive: true });
const snapshots = readdirSync(repository).toSorted();
if (verb === 'backup') await copyFolder(place, path.join(repository, String(snapshots.length)));
else await copyFolder(path.join(repository, snapshots.at(-1)!), place);
if (verb === 'restore-badly') writeFileSync(path.join(place, 'odd'), '');
