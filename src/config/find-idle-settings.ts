import type { Problem } from '../core/place.ts';
import type { Policy, ToolRule } from './policy.ts';
import type { Path, Source } from './source/source.ts';
import { problemAtKey } from './source/source.ts';

/** Settings of single tools that have no effect by what stands beside them, each with its place and the mend. */
export function findIdleSettings({ tools }: Policy, source: Source): Problem[] {
  const at = ({ tool }: ToolRule, key: string): Path => ['tools', tool, key];
  return tools.flatMap((rule) => [
    ...(rule.barrier === true && rule.locks !== undefined
      ? [problemAtKey(source, at(rule, 'locks'), 'has no effect beside barrier: true; remove one of the two')]
      : []),
    ...(isIdleCache(rule) ? [problemAtKey(source, at(rule, 'cache'), idleCacheMessage(rule.tool))] : []),
  ]);
}

/** A cache of its own, where nothing that the entry says makes a call of it a read. */
function isIdleCache({ class: own, when, cacheMs }: ToolRule): boolean {
  if (typeof cacheMs !== 'number' || own === undefined || own === 'read') return false;
  return when.every((rule) => rule.class !== 'read');
}

/** What to say of a `cache` where no call can be a read. */
export function idleCacheMessage(tool: string): string {
  return `has no effect, since only reads are cached and ${tool} is never a read; remove it`;
}
