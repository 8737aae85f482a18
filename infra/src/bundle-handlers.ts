/**
 * Bundles the nightly functions as they run: one ES module each, with everything they need but Node itself. The SDK that
 * Lambda brings along is another one every few weeks; what was tested is what runs.
 */
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BuildOptions, Metafile, Plugin } from 'esbuild';

/** `<name>.mjs` exports the function `handler`. */
const HANDLER_NAMES = ['coordinator', 'worker'] as const;

const INFRA_FOLDER = fileURLToPath(new URL('..', import.meta.url));

/** Bundled packages that are not ES modules ask for Node's own by `require`. */
const REQUIRE =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** `z` as a whole cannot be taken apart by the bundler; a namespace can: a function that starts loads 400 KB less. */
const zodByPiece: Plugin = {
  name: 'zod-by-piece',
  setup(building) {
    building.onLoad({ filter: /[\\/]src[\\/].*\.ts$/, namespace: 'file' }, ({ path }) => ({
      contents: fs.readFileSync(path, 'utf8').replace("import { z } from 'zod'", "import * as z from 'zod'"),
      loader: 'ts',
    }));
  },
};

const HANDLER_BUNDLING = {
  absWorkingDir: INFRA_FOLDER,
  entryPoints: HANDLER_NAMES.map((name) => ({ in: `src/handlers/${name}.ts`, out: name })),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  banner: { js: REQUIRE },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  sourcemap: true,
  // Stack traces name the sources; their text would only make the functions larger.
  sourcesContent: false,
  plugins: [zodByPiece],
  logLevel: 'warning',
} satisfies BuildOptions;

/** Writes `<name>.mjs` and its source map for each function into `outdir`, and tells what went in. */
export async function bundleHandlers(outdir: string): Promise<Metafile> {
  const { metafile } = await build({ ...HANDLER_BUNDLING, outdir, metafile: true });
  return metafile;
}
