import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { agentSources, ensureAgentBuilt, type AgentSources } from '../../src/tools/build-agent.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { writeTree } from '../kit/trees.ts';

/** A package whose build script writes a bundle that counts how often it was built. */
function packageWith(buildScript: string): AgentSources {
  const packageFolder = temporaryFolder();
  writeTree(packageFolder, {
    'package.json': '{"type":"module"}',
    src: { 'a.ts': '' },
    scripts: { 'build.ts': buildScript },
  });
  return { packageFolder, madeFrom: ['src', 'scripts', 'package.json'].map((name) => path.join(packageFolder, name)) };
}

const COUNTING_BUILD = `
import { appendFileSync, mkdirSync } from 'node:fs';
mkdirSync('dist', { recursive: true });
appendFileSync('dist/backup-agent.mjs', 'built;');
`;

test('the agent is built when it is missing, kept while it is newer than its sources, and built again after a change', async () => {
  const sources = packageWith(COUNTING_BUILD);
  const build = () => ensureAgentBuilt(sources, process.execPath);
  const bundle = await build();
  expect(readFileSync(bundle, 'utf8')).toBe('built;');

  await build();
  expect(readFileSync(bundle, 'utf8')).toBe('built;');

  const changed = path.join(sources.packageFolder, 'src/a.ts');
  writeFileSync(changed, '// changed');
  utimesSync(changed, 4e9, 4e9);
  await build();
  expect(readFileSync(bundle, 'utf8')).toBe('built;built;');
});

test.each([
  ['fails', 'throw new Error("broken")', /cannot be built/],
  ['makes nothing', '', /made no/],
])('a build that %s is told', async (_, script, message) => {
  const building = ensureAgentBuilt(packageWith(script), process.execPath);
  await expect(building).rejects.toMatchObject({ code: 'FAILED', message: expect.stringMatching(message) });
});

test("the workspace's own agent and core are where they are said to be", () => {
  const { packageFolder, madeFrom } = agentSources();
  expect(path.basename(packageFolder)).toBe('agent');
  expect(madeFrom.some((source) => existsSync(path.join(source, 'errors.ts')))).toBe(true);
});
