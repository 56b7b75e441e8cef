import { loadPolicy } from '../../src/config/load-policy.ts';
import type { Policy } from '../../src/config/policy.ts';

/** A policy that ships with the package, as a server under its own name uses it. It must be without fault. */
export async function readShippedPolicy(name: string): Promise<Policy> {
  const context = { server: name, base: '/srv', directory: '/srv', cwd: '/srv', env: {} };
  const { policy, warnings } = await loadPolicy(`builtin:${name}`, context);
  if (warnings.length > 0) throw new Error(JSON.stringify(warnings));
  return policy;
}
