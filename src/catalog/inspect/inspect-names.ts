import { recipeServer } from '../../core/tool.ts';
import { showInvisible } from '../../core/text/show-invisible.ts';
import type { CatalogEntry } from '../build-catalog.ts';
import { withoutClientPrefix } from '../client-prefix.ts';
import { ownNames } from '../exposed-names.ts';
import { isAddress } from '../is-address.ts';
import type { Finding } from './finding.ts';
import { mixesAlphabets, skeletonOf } from '../../core/text/skeleton-of.ts';

type Named = Pick<CatalogEntry, 'server' | 'tool'>;

/** A name that many servers have is no news, and the first few of them say so. */
const maxOthers = 3;

/**
 * Names that could be taken for others: for one of our own tools, for a tool of another server, or for one that looks alike. Calls do not
 * go astray by them, since addresses are never a matter of looks; people and models may.
 */
export function inspectNames(entries: readonly Named[], servers: readonly string[]): Finding[] {
  const byName = groupBy(entries, ({ tool }) => tool.name);
  const bySkeleton = groupBy(entries, ({ tool }) => skeletonOf(tool.name));
  return entries.flatMap((entry) => {
    const { server, tool } = entry;
    const warn = (message: string): Finding => ({ server, tool: tool.name, level: 'warning', message });
    const findings: Finding[] = [];
    const skeleton = skeletonOf(tool.name);
    const own = ownNames.find((name) => skeletonOf(name) === skeleton);
    if (own !== undefined)
      findings.push(warn(`${own === tool.name ? 'has' : 'looks like'} the name of mcp-marshal's own ${own}`));
    const posing = [...servers, recipeServer].find((other) => other !== server && isAddress(tool.name, other));
    if (posing !== undefined) findings.push(warn(`has a name that reads as a tool of ${posing}`));
    if (withoutClientPrefix(tool.name) !== tool.name) {
      findings.push(warn('has a name that begins with what clients put before the tools of mcp-marshal'));
    }
    if (mixesAlphabets(tool.name))
      findings.push(warn('has a name of letters from different alphabets that look alike'));
    const alike = (bySkeleton.get(skeleton) ?? []).filter((other) => other.tool.name !== tool.name);
    if (alike.length > 0) findings.push(warn(`has a name that looks like ${listOf(alike)}`));
    const namesakes = (byName.get(tool.name) ?? []).filter((other) => other.server !== server);
    if (namesakes.length > 0) {
      findings.push({ ...warn(`has the same name as ${listOf(namesakes)}`), level: 'note' });
    }
    return findings;
  });
}

function listOf(others: readonly Named[]): string {
  const named = others.slice(0, maxOthers).map(({ server, tool }) => `${server}/${showInvisible(tool.name)}`);
  const more = others.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function groupBy(entries: readonly Named[], keyOf: (entry: Named) => string): Map<string, Named[]> {
  const groups = new Map<string, Named[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return groups;
}
