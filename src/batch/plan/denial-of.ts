import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import type { CallError } from '../../core/outcome.ts';
import type { CallRoute, Decision } from '../../core/verdict.ts';
import { decideCall } from '../../policy/decide-call.ts';

/** The error of a call that policy does not let pass: why, and what would change that. Nobody can be asked, so `ask` is a no as well. */
export function denialOf(
  { decision, reason, place }: Decision,
  {
    entry,
    route,
  }: { entry: Pick<CatalogEntry, 'server' | 'tool' | 'policy' | 'exposedName' | 'classification'>; route: CallRoute },
): CallError {
  if (decision === 'deny') {
    return { code: 'denied_by_policy', message: `policy denies it: ${reason}`, retryable: false };
  }
  const { tool, policy, exposedName, server, classification } = entry;
  const isOwnFile = policy.file !== undefined && !policy.file.startsWith('builtin:');
  const file = isOwnFile ? policy.file : `a policy file for the server ${server} (now: ${policy.file ?? 'none'})`;
  // `ask` beats `allow`: where a rule asks, adding an `allow` beside it would change nothing.
  const change = place === undefined ? `add ${tool.name} to` : `take it out of "ask:" and add it to`;
  const mend = `${change} "allow:" in ${file}`;
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
