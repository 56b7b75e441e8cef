import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Two cores in CI: one worker for tests that start processes leaves one for the processes.
    maxWorkers: 2,
  },
});
