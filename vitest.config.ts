import { defineConfig } from 'vitest/config';

/** Tests of the built program. */
const withPrograms = [
  'test/e2e/**/*.test.ts',
  'test/interop/matrix.test.ts',
  'test/conformance/conformance.test.ts',
  'test/faults/faults.test.ts',
];

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
        // After the rest and one file at a time: they start programs and measure time, on two cores in CI.
        test: { name: 'e2e', include: [...withPrograms], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
