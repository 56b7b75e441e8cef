import type { BenchCall } from './calls.d.mts';

export const shapes: readonly {
  id: string;
  servers: Readonly<Record<string, { cap?: number }>>;
  maxParallel: number;
  target: number;
  batch(seed: number): (BenchCall & { timeoutMs?: number })[];
}[];
