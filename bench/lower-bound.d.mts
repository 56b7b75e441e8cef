export function lowerBound(batch: {
  jobs: readonly { ms: number; server: string }[];
  pairs: readonly (readonly [number, number])[];
  maxParallel: number;
  serverCaps?: Readonly<Record<string, number>>;
}): { ms: number; binds: string };
