import { readFileSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests of the built program. */
const withPrograms = [
  'test/e2e/**/*.test.ts',
  'test/interop/matrix.test.ts',
  'test/conformance/conformance.test.ts',
  'test/faults/faults.test.ts',
];

/** The whole table of faults, which takes both cores as it goes. */
const faults = 'test/faults/faults.test.ts';

/** Those of them that measure time: they mostly wait. */
const timed = [
  'background',
  'batches',
  'deadlines',
  'drain',
  'footprint',
  'http',
  'lifecycle',
  'pace',
  'reload',
  'upstreams',
].map((name) => `test/e2e/${name}.test.ts`);

/** What stands in for a module would do so for all that share a process with it. */
const standIns = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/${name.replaceAll('\\', '/')}`)
  .filter((file) => /\bvi\.(?:mock|doMock|resetModules|stubGlobal)\(/.test(readFileSync(file, 'utf8')));

/**
 * A process for each file: what starts programs, stands in for a module, or sets up what there is one of in a process. All other rooms leave
 * nothing behind, and share a few processes, since to start one takes longer than most of their tests.
 */
const ownProcess = [
  ...standIns,
  'test/{app,interop,journal,telemetry,upstream}/**/*.test.ts',
  'test/app.test.ts',
  'test/cli/main.test.ts',
];

/** Those that take longest, in this order before all others of their group: no worker is left alone with one of them at the end. */
const longest = ['interop/matrix', 'e2e/lock', 'e2e/walkthrough', 'e2e/background', 'cli/main'];

class LongestFirst extends BaseSequencer {
  override async sort(specs: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return index === -1 ? longest.length : index;
    };
    return (await super.sort(specs)).toSorted((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    // For what hangs: none is slow because the machine has much else to do.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000, interval: 20 } },
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: [...withPrograms, ...ownProcess],
          isolate: false,
          // Many wait for a moment, so that two would leave a core idle.
          maxWorkers: 3,
        },
      },
      {
        extends: true,
        test: { name: 'processes', include: ownProcess, exclude: withPrograms, maxWorkers: 3 },
      },
      {
        extends: true,
        // After the rest, since they start programs.
        test: {
          name: 'e2e',
          include: [...withPrograms],
          exclude: [...timed, faults],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'timed', include: [...timed], maxWorkers: 2, sequence: { groupOrder: 2 } },
      },
      {
        extends: true,
        test: { name: 'faults', include: [faults], maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
    ],
  },
});
