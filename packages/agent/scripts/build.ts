/**
 * Bundles the command line to dist/: one entry, chunks that load when a command needs them, workers beside them, and
 * the notices of everything that is bundled. A build that fails leaves the former one as it was.
 */
import * as fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Metafile, Plugin } from 'esbuild';
import { thirdPartyNotices } from './third-party-notices.ts';

const PACKAGE_FOLDER = fileURLToPath(new URL('..', import.meta.url));
const DIST = path.join(PACKAGE_FOLDER, 'dist');
const ENTRY = 'backup-agent';

/** Bundled packages that are not ES modules ask for Node's own by `require`. */
const REQUIRE =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** A folder's name that belongs to this build alone, on the same file system and out of git's sight. */
const asideFolder = (purpose: string): string =>
  path.join(PACKAGE_FOLDER, 'node_modules', `.${purpose}-${process.pid}`);

export async function buildAgent(): Promise<void> {
  const made = asideFolder('build');
  try {
    const metafile = await bundle(made);
    fs.writeFileSync(path.join(made, 'THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(metafile, PACKAGE_FOLDER));
    fs.chmodSync(path.join(made, `${ENTRY}.mjs`), 0o755);
    putInPlace(made);
  } finally {
    fs.rmSync(made, { recursive: true, force: true });
  }
}

/** `z` as a whole cannot be taken apart by the bundler; a namespace can, which spares 400 KB at every start. */
const zodByPiece: Plugin = {
  name: 'zod-by-piece',
  setup(building) {
    building.onLoad({ filter: /[\\/]src[\\/].*\.ts$/, namespace: 'file' }, ({ path: file }) => ({
      contents: fs.readFileSync(file, 'utf8').replace("import { z } from 'zod'", "import * as z from 'zod'"),
      loader: 'ts',
    }));
  },
};

/** Of yargs the parser is needed at every start, its tables, texts and terminal widths only for completion. */
const yargsByPiece: Plugin = {
  name: 'yargs-by-piece',
  setup(building) {
    building.onResolve({ filter: /platform-shims\/esm\.mjs$/ }, ({ path: name, resolveDir }) => ({
      path: path.resolve(resolveDir, name),
      sideEffects: false,
    }));
  },
};

async function bundle(outdir: string): Promise<Metafile> {
  const manifest = JSON.parse(fs.readFileSync(path.join(PACKAGE_FOLDER, 'package.json'), 'utf8')) as {
    version: string;
  };
  const workers = fs.globSync('src/**/*-worker.ts', { cwd: PACKAGE_FOLDER });
  const { metafile } = await build({
    absWorkingDir: PACKAGE_FOLDER,
    entryPoints: [
      { in: 'src/cli/main.ts', out: ENTRY },
      ...workers.map((file) => ({ in: file, out: path.basename(file, '.ts') })),
    ],
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.15',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    define: { BUNDLED_VERSION: JSON.stringify(manifest.version) },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    plugins: [zodByPiece, yargsByPiece],
    logLevel: 'warning',
  });
  return metafile;
}

/** Another process may run the former build, or build at the same time: what is the same is not moved. */
function putInPlace(made: string): void {
  if (isSame(made, DIST)) return touch(DIST);
  const former = asideFolder('former');
  fs.rmSync(former, { recursive: true, force: true });
  fs.mkdirSync(DIST, { recursive: true });
  fs.renameSync(DIST, former);
  fs.renameSync(made, DIST);
  fs.rmSync(former, { recursive: true, force: true });
}

function isSame(a: string, b: string): boolean {
  if (!fs.existsSync(b)) return false;
  const names = fs.readdirSync(a).sort();
  if (names.join('\n') !== fs.readdirSync(b).sort().join('\n')) return false;
  return names.every((name) => fs.readFileSync(path.join(a, name)).equals(fs.readFileSync(path.join(b, name))));
}

/** Whoever asks whether the build is newer than its sources goes by times. */
function touch(folder: string): void {
  const now = new Date();
  for (const name of fs.readdirSync(folder)) fs.utimesSync(path.join(folder, name), now, now);
}

await buildAgent();
