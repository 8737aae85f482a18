/** Which way imports may point. The same arrows are lint rules; here they are proved without the linter. */
import type { SourceFile } from './source-files.ts';

export interface Arrow {
  readonly reason: string;
  /** The files it binds. */
  readonly from: RegExp;
  readonly except?: RegExp;
  /** What they may not import. */
  readonly to: RegExp;
  /** A file and an import that break it. */
  readonly broken: readonly [path: string, line: string];
}

export const ARROWS: readonly Arrow[] = [
  {
    reason:
      'S3 is one folder: only packages/core/src/store/s3, the sink of metrics and the handlers of infra speak to the SDK',
    from: /^(packages|infra)\/.*/,
    except:
      /^packages\/core\/(src|test)\/store\/s3\/|^packages\/core\/test\/|^packages\/agent\/(src\/metrics|test\/long)\/|^infra\/(src\/handlers|test)\//,
    to: /^@(aws-sdk|smithy)\//,
    broken: ['packages/agent/src/cli/open-store.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
  },
  {
    reason: 'core is the lowest layer and imports neither the agent nor the infrastructure',
    from: /^packages\/core\//,
    to: /^backup-agent($|\/)|^@backup-agent\/(infra|bench)|^packages\/(agent|bench)\/|^infra\//,
    broken: ['packages/core/src/keys.ts', "export * from '../../agent/src/events.ts';"],
  },
  {
    reason: 'core never touches the disk, but for the local store',
    from: /^packages\/core\/src\//,
    except: /^packages\/core\/src\/store\/local\//,
    to: /^(node:)?fs(\/promises)?$/,
    broken: ['packages/core/src/repository/repository.ts', "const { readFile } = await import('node:fs/promises');"],
  },
  {
    reason: 'the S3 store loads only where it is used: nothing behind the front door of core imports it',
    from: /^packages\/core\/src\//,
    except: /^packages\/core\/src\/store\/s3\//,
    to: /^packages\/core\/src\/store\/s3\//,
    broken: ['packages/core/src/index.ts', "export * from './store/s3/index.ts';"],
  },
  {
    reason: 'other packages see core by its doors only',
    from: /^(packages\/(agent|bench)|infra)\//,
    to: /^@backup-agent\/core\/(?!s3$|test-kit$)|^packages\/core\//,
    broken: ['packages/agent/src/backup/commit.ts', "import { x } from '../../../core/src/keys.ts';"],
  },
  {
    reason: 'programs that are shipped do not contain the test kit',
    from: /^(packages\/\w+|infra)\/src\//,
    to: /^@backup-agent\/core\/test-kit$|\/test\//,
    broken: [
      'packages/agent/src/backup/commit.ts',
      "import { describeObjectStore } from '@backup-agent/core/test-kit';",
    ],
  },
  {
    reason: 'the agent knows nothing of the infrastructure',
    from: /^packages\/agent\//,
    to: /^@backup-agent\/(infra|bench)|^infra\/|^packages\/bench\//,
    broken: ['packages/agent/src/cli/main.ts', "import '../../../../infra/src/app.ts';"],
  },
  {
    reason: 'infra imports only core, and its S3 store only in the handlers',
    from: /^infra\//,
    except: /^infra\/(src\/handlers|test)\//,
    to: /^backup-agent($|\/)|^@backup-agent\/(bench|core\/)|^packages\//,
    broken: ['infra/src/app.ts', "import type { X } from 'backup-agent';"],
  },
  {
    reason: 'the engine knows nothing of the command line: cli imports the engine, never the other way',
    from: /^packages\/agent\/src\/[^/]+\//,
    except: /^packages\/agent\/src\/cli\//,
    to: /^packages\/agent\/src\/cli\//,
    broken: ['packages/agent/src/backup/run-backup.ts', "import { flags } from '../cli/global-options.ts';"],
  },
];

/** Every import that goes against an arrow, as `file -> target (reason)`. */
export function wrongImports(files: readonly SourceFile[], arrows: readonly Arrow[]): string[] {
  return files.flatMap(({ path, imports }) =>
    arrows
      .filter(({ from, except }) => from.test(path) && except?.test(path) !== true)
      .flatMap(({ to, reason }) =>
        imports.filter(({ target }) => to.test(target)).map(({ target }) => `${path} -> ${target} (${reason})`),
      ),
  );
}

/** One cycle of imports that are there when the program runs, as a list of files; empty if there is none. */
export function findCycle(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): string[] => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const { target, typeOnly } of byPath.get(path)?.imports ?? []) {
      const cycle = typeOnly ? [] : visit(target, [...way, path]);
      if (cycle.length > 0) return cycle;
    }
    done.add(path);
    return [];
  };
  for (const { path } of files) {
    const cycle = visit(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
