export interface BenchCall {
  server: string;
  tool: string;
  args: Readonly<Record<string, unknown>>;
}

export function read(server: string, key: string, ms: number, rest?: object): BenchCall;
export function write(server: string, key: string, ms: number, rest?: object): BenchCall;
export function move(server: string, source: string, destination: string, ms: number): BenchCall;
export function unannotated(server: string, number: number, ms: number): BenchCall;
export function conflictPairs(calls: readonly BenchCall[]): [number, number][];
