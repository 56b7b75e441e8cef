import type { CatalogEntry } from '../../../catalog/build-catalog.ts';
import type { Decision } from '../../../core/verdict.ts';

/** What to write where, so that a call which is asked about runs unasked: `add delete_file to "allow:" in policies/files.yaml`. */
export function changeThatAllows(
  { place, isFlow }: Pick<Decision, 'place' | 'isFlow'>,
  { server, tool, policy }: Pick<CatalogEntry, 'server' | 'tool' | 'policy'>,
): string {
  const isOwnFile = policy.file !== undefined && !policy.file.startsWith('builtin:');
  const file = isOwnFile ? policy.file : `a policy file for the server ${server} (now: ${policy.file ?? 'none'})`;
  // No `allow` waives the flow rule.
  if (isFlow === true) return `take what matches ${tool.name} out of "exfiltrates:" in ${file}`;
  // `ask` beats `allow`: where a rule asks, adding an `allow` beside it would change nothing.
  const change = place === undefined ? `add ${tool.name} to` : `take it out of "ask:" and add it to`;
  return `${change} "allow:" in ${file}`;
}
