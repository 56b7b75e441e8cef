import type { BenchCall } from './calls.mjs';

export function createStore(): { see(call: BenchCall): number[]; commit(call: BenchCall, n: number): void };
export function serialValues(calls: readonly BenchCall[]): number[][];
