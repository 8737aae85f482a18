/**
 * Bundles the command line to dist/: one entry, chunks that load when a command needs them, workers beside them, and
 * the notices of everything that is bundled. A build that fails leaves the former one as it was.
 */
import { chmodSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
    writeFileSync(path.join(made, 'THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(metafile, PACKAGE_FOLDER));
    chmodSync(path.join(made, `${ENTRY}.mjs`), 0o755);
    putInPlace(made);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** `z` as a whole cannot be taken apart by the bundler; a namespace can, which spares 400 KB at every start. */
const zodByPiece: Plugin = {
  name: 'zod-by-piece',
  setup(building) {
    building.onLoad({ filter: /[\\/]src[\\/].*\.ts$/, namespace: 'file' }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8').replace("import { z } from 'zod'", "import * as z from 'zod'"),
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
  const manifest = JSON.parse(readFileSync(path.join(PACKAGE_FOLDER, 'package.json'), 'utf8')) as { version: string };
  const workers = globSync('src/**/*-worker.ts', { cwd: PACKAGE_FOLDER });
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

/** Another process may build at the same time; whoever comes last leaves the same files. */
function putInPlace(made: string): void {
  const former = asideFolder('former');
  rmSync(former, { recursive: true, force: true });
  mkdirSync(DIST, { recursive: true });
  renameSync(DIST, former);
  renameSync(made, DIST);
  rmSync(former, { recursive: true, force: true });
}

await buildAgent();
