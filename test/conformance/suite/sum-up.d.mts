import type { CheckRow } from './compare-checks.mjs';

export function sumUp(rows: readonly CheckRow[]): {
  passed: number;
  failed: number;
  warned: number;
  requiredPassed: number;
  requiredFailed: number;
  scenarios: number;
  scenariosPassed: number;
};
