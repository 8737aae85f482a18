/**
 * Bundles the nightly functions as they run: one ES module each, with everything they need but Node itself. The SDK that
 * Lambda brings along is another one every few weeks; what was tested is what runs.
 */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BuildOptions, Metafile } from 'esbuild';

/** `<name>.mjs` exports the function `handler`. */
const HANDLER_NAMES = ['coordinator', 'worker'] as const;

const INFRA_FOLDER = fileURLToPath(new URL('..', import.meta.url));

/** Bundled packages that are not ES modules ask for Node's own by `require`. */
const REQUIRE =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

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
  logLevel: 'warning',
} satisfies BuildOptions;

/** Writes `<name>.mjs` and its source map for each function into `outdir`, and tells what went in. */
export async function bundleHandlers(outdir: string): Promise<Metafile> {
  const { metafile } = await build({ ...HANDLER_BUNDLING, outdir, metafile: true });
  return metafile;
}
