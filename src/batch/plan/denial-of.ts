import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import type { CallError } from '../../core/outcome.ts';
import type { CallRoute, Decision } from '../../core/verdict.ts';
import { decideCall } from '../../policy/decide-call.ts';

/** The error of a call that policy does not let pass: why, and what would change that. Nobody can be asked, so `ask` is a no as well. */
export function denialOf(
  decided: Decision,
  {
    entry,
    route,
  }: { entry: Pick<CatalogEntry, 'server' | 'tool' | 'policy' | 'exposedName' | 'classification'>; route: CallRoute },
): CallError {
  const { decision, reason } = decided;
  if (decision === 'deny') {
    return { code: 'denied_by_policy', message: `policy denies it: ${reason}`, retryable: false };
  }
  const { tool, policy, exposedName, classification } = entry;
  const mend = changeThatAllows(decided, entry);
  const alone = decideCall({ tool, policy, classification, route: 'passthrough' }).decision;
  const ways =
    route === 'batch' && alone === 'allow'
      ? `call ${exposedName} by itself, outside a batch, or let the user ${mend}`
      : `the user can ${mend}`;
  const where = route === 'batch' ? 'a batch cannot ask for it' : 'nobody can be asked here';
  return {
    code: 'approval_unavailable',
    message: `it needs approval, and ${where}: ${reason}; ${ways}`,
    retryable: false,
  };
}

/** What to write where, so that a call which is asked about runs unasked: `add delete_file to "allow:" in policies/files.yaml`. */
export function changeThatAllows(
  { place }: Pick<Decision, 'place'>,
  { server, tool, policy }: Pick<CatalogEntry, 'server' | 'tool' | 'policy'>,
): string {
  const isOwnFile = policy.file !== undefined && !policy.file.startsWith('builtin:');
  const file = isOwnFile ? policy.file : `a policy file for the server ${server} (now: ${policy.file ?? 'none'})`;
  // `ask` beats `allow`: where a rule asks, adding an `allow` beside it would change nothing.
  const change = place === undefined ? `add ${tool.name} to` : `take it out of "ask:" and add it to`;
  return `${change} "allow:" in ${file}`;
}
