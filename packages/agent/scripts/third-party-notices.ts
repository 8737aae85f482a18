/** The licences of the packages whose code is in the bundle. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';

/** Text with name, version, licence and notices of each bundled package. Throws for one that states no licence. */
export function thirdPartyNotices(metafile: Metafile, folder: string): string {
  const packages = new Set(
    Object.keys(metafile.inputs)
      .filter((input) => input.includes('node_modules/'))
      .map((input) => packageFolderOf(path.resolve(folder, input))),
  );
  const notices = [...packages].map(noticeOf).sort((a, b) => (a.name < b.name ? -1 : 1));
  const introduction = 'backup-agent contains code of these packages.\n';
  return [introduction, ...notices.map(({ text }) => text)].join(`\n${'-'.repeat(80)}\n\n`);
}

/** The folder right below the last `node_modules`, or below a scope in it. */
function packageFolderOf(file: string): string {
  const marker = `node_modules${path.sep}`;
  const begin = file.lastIndexOf(marker) + marker.length;
  const [first = '', second = ''] = file.slice(begin).split(path.sep);
  return file.slice(0, begin) + (first.startsWith('@') ? path.join(first, second) : first);
}

function noticeOf(folder: string): { name: string; text: string } {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const { name, version, license } = manifest;
  if (license === undefined) throw new Error(`${name} states no licence`);
  const texts = readdirSync(folder)
    .filter((file) => /^(?:licen[cs]e|notice|copying)(?:\.|-|$)/i.test(file))
    .filter((file) => existsSync(path.join(folder, file)))
    .sort()
    .map((file) => readFileSync(path.join(folder, file), 'utf8').trim());
  return { name, text: [`${name} ${version} (${license})`, ...texts, ''].join('\n\n') };
}
