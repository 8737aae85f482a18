/**
 * A process of its own for the tests: `<folder> <fill byte> <bytes> <keys>`. Says "ready", waits for a line, creates the
 * keys and prints each outcome. With `hang` as fifth argument it says "linking" and hangs instead of linking.
 */
import { link } from 'node:fs/promises';
import { once } from 'node:events';
import { marksKey } from '../../../src/keys.ts';
import { parseDeviceId } from '../../../src/ids.ts';
import { openLocalStore } from '../../../src/store/local/open-local-store.ts';

const [folder = '', fill = '0', bytes = '0', keys = '0', hang] = process.argv.slice(2);

const hanging = async (): Promise<void> => {
  process.stdout.write('linking\n');
  await new Promise((resolve) => setTimeout(resolve, 600_000));
};

const store = await openLocalStore({ folder, create: true, fs: { link: hang === 'hang' ? hanging : link } });
process.stdout.write('ready\n');
await once(process.stdin, 'data');
for (let n = 1; n <= Number(keys); n += 1) {
  const body = Array.from({ length: 16 }, () => Buffer.alloc(Number(bytes) / 16, Number(fill)));
  const { outcome } = await store.create(marksKey(parseDeviceId('laptop'), n), body);
  process.stdout.write(`${outcome}\n`);
}
process.exit(0);
