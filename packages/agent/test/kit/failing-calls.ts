/** Faults of the file system, at the port: Node's own functions, for the length of a test. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { onTestFinished } from 'vitest';

type Call = (...args: unknown[]) => unknown;

/** The function of `node:fs` becomes another, which may call it as it was. Undone when the test ends. */
function replaceCall(name: keyof typeof fs, replacement: (original: Call, args: unknown[]) => unknown): void {
  const original = fs[name] as Call;
  Object.assign(fs, { [name]: (...args: unknown[]) => replacement(original, args) });
  syncBuiltinESMExports();
  onTestFinished(() => {
    Object.assign(fs, { [name]: original });
    syncBuiltinESMExports();
  });
}

/** Calls that `isMeant` picks fail with this code. Returns how many have: a test shows that its fault was hit. */
export function failCalls(name: keyof typeof fs, code: string, isMeant: (args: unknown[]) => boolean = () => true) {
  const hits = { count: 0 };
  replaceCall(name, (original, args) => {
    if (!isMeant(args)) return original(...args);
    hits.count++;
    throw Object.assign(new Error(`${code}: ${name}`), { code, syscall: name });
  });
  return hits;
}

/** What a function of `node:fs` returns is changed. Returns how often it was. */
export function changeResults(name: keyof typeof fs, change: (result: unknown) => unknown) {
  const calls = { count: 0 };
  replaceCall(name, (original, args) => {
    calls.count++;
    return change(original(...args));
  });
  return calls;
}
