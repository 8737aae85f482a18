/**
 * Writes test/fixtures anew: `node packages/core/scripts/write-golden-fixtures.ts`. Only for additions to the format:
 * what a released version wrote must stay readable, so its fixtures stay as they are.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { goldenFixtures } from '../test/kit/golden-fixtures.ts';

const FIXTURES = join(import.meta.dirname, '../test/fixtures');

for (const [name, bytes] of goldenFixtures()) {
  mkdirSync(dirname(join(FIXTURES, name)), { recursive: true });
  writeFileSync(join(FIXTURES, name), bytes);
}
