import { formatCounted } from '../../../batch/reply/format-amount.ts';
import { countClasses } from '../../../policy/propose/propose-policy.ts';
import type { CliContext } from '../../context.ts';
import { exitCodes } from '../../failure.ts';
import { diffLines } from '../../import/diff-lines.ts';
import { findUnjudged, proposeFor } from '../../import/plan-policies.ts';
import type { PolicyProposal } from '../../import/plan-policies.ts';
import { writePolicies } from '../../import/write-changes.ts';
import { connectServers } from '../../init/connect-servers.ts';
import { withoutSecrets } from '../../init/server-comments.ts';
import { print, printJson } from '../../output.ts';
import { openConfig, tellWarnings } from '../../proxy/open-proxy.ts';
import { plainText } from '../../terminal/plain-text.ts';
import { conclude } from './import.ts';

/**
 * Proposes a policy for each server that nobody has judged, as `init` does: for those that came later, and those that it could not reach.
 * Connects to them alone. Writes with `write` only.
 */
export async function importPolicies(context: CliContext, { write }: { write: boolean }): Promise<number> {
  const config = await openConfig(context);
  tellWarnings(context, config);
  const unjudged = await findUnjudged(config);
  const names = new Set(unjudged.map(({ server }) => server.name));
  const servers = config.servers.map((server) => ({ ...server, enabled: names.has(server.name) }));
  const seen = names.size === 0 ? new Map<string, never>() : await connectServers(context, { ...config, servers });
  const proposals = await Promise.all(
    unjudged.flatMap((one) => {
      const found = seen.get(one.server.name);
      return found === undefined ? [] : [proposeFor(config, { ...one, seen: found })];
    }),
  );
  const made = proposals.filter(({ policy }) => policy !== undefined);
  const changes = made.map((proposal) => ({ ...proposal, policy: undefined, rules: [], known: 0 }));
  const written = write && made.length > 0 ? await writePolicies(config, changes) : [];
  if (context.json) {
    printJson(context, { servers: proposals.map(toShown), written });
  } else {
    const nothing = proposals.length === 0 ? ['every server that is switched on has a policy'] : [];
    const end = conclude({ hasChanges: made.length > 0, write, written });
    print(context, [...nothing, ...proposals.flatMap(render), ...end]);
  }
  return proposals.length > 0 && made.length === 0 ? exitCodes.unreachable : exitCodes.ok;
}

function render({ server, seen, policy, change, reference }: PolicyProposal): string[] {
  if (!seen.reached) return [plainText(`${server}: not reached: ${withoutSecrets(seen.reason)}`.replaceAll('\n', ' '))];
  const { read, write, destructive } = countClasses(policy?.tools ?? []);
  const counts = `${read} read, ${write} write, ${destructive} destructive`;
  return [
    `${server}: ${formatCounted(policy?.tools?.length ?? 0, 'tool')}: ${counts}`,
    ...(reference === undefined ? [] : [`  its entry gets policy: ${reference}`]),
    ...(change === undefined ? [] : [`  ${change.path}${change.from === undefined ? ' (new)' : ''}:`]),
    ...(change === undefined ? [] : diffLines(change.from ?? '', change.to).map((line) => `  ${line}`)),
  ].map((line) => plainText(line).trimEnd());
}

function toShown({ server, seen, policy, change, reference }: PolicyProposal): object {
  return {
    server,
    state: seen.reached ? 'ready' : 'unreachable',
    reason: seen.reached ? undefined : withoutSecrets(seen.reason),
    reference,
    file: change?.path,
    tools: policy?.tools?.map(({ tool, class: toolClass, doubts }) => ({ tool, class: toolClass, doubts })),
  };
}
