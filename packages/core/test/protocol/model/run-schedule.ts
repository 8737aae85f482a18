/** A program: plays the schedule that its argument names, and prints what it breaks as one line of JSON. */
import { SCHEDULES } from '../schedules.ts';
import { Script } from './script.ts';

const script = await Script.begin({ removedShareMax: 1 });
const result: { violation?: string | undefined; error?: string } = {};
try {
  await SCHEDULES.find(({ name }) => name === process.argv[2])?.play(script);
} catch (error) {
  result.error = String(error);
}
result.violation = await script.violation();
process.stdout.write(`${JSON.stringify(result)}\n`);
