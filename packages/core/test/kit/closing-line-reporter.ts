/**
 * The last words of every test run: which suites were not run and why, and `N passed, N failed`. Whatever makes a run
 * fail counts as failed: also a hook, an import, an unhandled rejection, a worker that died.
 */
import type { Reporter, SerializedError, TestModule, TestRunEndReason, TestSpecification } from 'vitest/node';

/** A skipped test whose name begins so stands for a suite that was not run, and tells why; see skipped-suite.ts. */
export const NOT_RUN = 'not run: ';

/** A suite that was not run. */
export interface SkippedSuite {
  readonly name: string;
  readonly reason: string;
}

export interface ClosingLineOptions {
  /** Suites that the configuration leaves out. */
  readonly leftOut?: readonly SkippedSuite[];
  readonly write?: (text: string) => void;
}

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export default function closingLine(options: ClosingLineOptions = {}): Reporter {
  const { leftOut = [], write = (text) => void process.stdout.write(text) } = options;
  let modulesStarted = 0;
  return {
    onTestRunStart(specifications: readonly TestSpecification[]) {
      modulesStarted = specifications.length;
    },
    onTestRunEnd(modules, unhandledErrors, reason) {
      const modulesLost = Math.max(0, modulesStarted - modules.length);
      for (const { name, reason: why } of [...leftOut, ...skippedSuites(modules)]) {
        write(`skipped: ${name}: ${why}\n`);
      }
      write(`${outcomeLine(outcomeOf(modules, { unhandledErrors, reason, modulesLost }))}\n`);
    },
  };
}

function outcomeLine({ passed, failed, skipped }: Outcome): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

interface RunEnd {
  readonly unhandledErrors: readonly SerializedError[];
  readonly reason: TestRunEndReason;
  /** Test files whose worker never told anything. */
  readonly modulesLost: number;
}

function outcomeOf(modules: readonly TestModule[], end: RunEnd): Outcome {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const module of modules) {
    const outcome = outcomeOfModule(module);
    sum.passed += outcome.passed;
    sum.failed += outcome.failed;
    sum.skipped += outcome.skipped;
  }
  sum.failed += end.unhandledErrors.length + end.modulesLost;
  // Interrupted, or no tests at all: vitest calls it failed though nothing in it failed.
  if (end.reason !== 'passed' && sum.failed === 0) sum.failed = 1;
  return sum;
}

function outcomeOfModule(module: TestModule): Outcome {
  const outcome = { passed: 0, failed: 0, skipped: 0 };
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    // A test that has not ended when the run ends did not pass.
    outcome[state === 'pending' ? 'failed' : state] += 1;
  }
  if (module.errors().length > 0) outcome.failed += 1;
  for (const suite of module.children.allSuites()) if (suite.errors().length > 0) outcome.failed += 1;
  const ended = module.state() === 'passed' || module.state() === 'skipped';
  if (outcome.failed === 0 && !(ended && module.ok())) outcome.failed = 1;
  return outcome;
}

function skippedSuites(modules: readonly TestModule[]): SkippedSuite[] {
  return modules.flatMap((module) =>
    [...module.children.allTests('skipped')]
      .filter((test) => test.name.startsWith(NOT_RUN))
      .map((test) => ({
        name: test.parent.type === 'module' ? module.relativeModuleId : test.parent.fullName,
        reason: test.name.slice(NOT_RUN.length),
      })),
  );
}
