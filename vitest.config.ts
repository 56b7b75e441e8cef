import { defineConfig } from 'vitest/config';

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
const timed = ['background', 'deadlines', 'drain', 'footprint', 'http', 'lifecycle', 'pace', 'reload', 'upstreams'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: 'rooms', include: ['test/**/*.test.ts'], exclude: [...withPrograms], maxWorkers: 2 },
      },
      {
        extends: true,
        // After the rest, since they start programs.
        test: {
          name: 'e2e',
          include: [...withPrograms],
          exclude: [...timed, faults],
          maxWorkers: 2,
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
