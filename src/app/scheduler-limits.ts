import type { ServerConfig } from '../config/config.ts';
import type { SchedulerServer } from '../schedule/scheduler.ts';
import type { Setup } from '../serve/setup.ts';

/** What the configuration says to the scheduler. */
export function schedulerLimits({ maxParallel, servers }: Setup): {
  maxParallel: number;
  servers: ReadonlyMap<string, SchedulerServer>;
} {
  return { maxParallel, servers: new Map([...servers].map(([name, server]) => [name, limitsOf(server)])) };
}

/** `parallel: avoid` is a cap of one call at a time, whoever sends it. */
function limitsOf({
  parallel,
  maxParallel,
  maxParallelWrites,
  maxParallelIsSet,
  policy,
}: ServerConfig): SchedulerServer {
  const { rate } = policy.limits;
  const paced = rate !== undefined && { rate };
  if (parallel === 'avoid') return { maxParallel: 1, maxParallelWrites: 1, bindsPassthrough: true, ...paced };
  return { maxParallel, maxParallelWrites, bindsPassthrough: maxParallelIsSet, ...paced };
}
