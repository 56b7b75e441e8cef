import { dirname } from 'node:path';
import { flowMarks } from '../core/verdict.ts';
import type { z } from 'zod';
import type { PolicyContext } from './policy-of-server.ts';
import { policyOfServer } from './policy-of-server.ts';
import type { policySchema } from './schema/policy-schema.ts';
import type { LockRule, Policy, Rule, ToolRule } from './policy.ts';
import { resolvePath } from './variables/resolve-path.ts';
import type { Env } from './variables/resolve-path.ts';
import type { Source } from './source/source.ts';

const lists = ['read', 'write', 'destructive', 'deny', 'ask', 'allow', ...flowMarks] as const;
type Written = z.output<typeof policySchema>;

/** The normal form of a policy that has passed its schema. `file` is its absolute path, or `builtin:NAME`. */
export function toPolicy(
  written: Written,
  source: Source,
  context: PolicyContext & { file: string; env: Env },
): Policy {
  const { timeout, ...limits } = written.limits;
  return {
    ...policyOfServer(context),
    file: context.file,
    ...(written.proven !== undefined && { proven: withoutAbsent(written.proven) }),
    annotations: written.annotations,
    unannotated: written.unannotated,
    retryTimeouts: written.retryTimeouts,
    remember: written.remember,
    rules: lists.flatMap((list) => toRules(list, written[list] ?? [], source)),
    tools: Object.entries(written.tools ?? {}).map(([tool, entry]) => toToolRule(tool, entry, source)),
    limits: withoutAbsent({ ...limits, timeoutMs: timeout }),
    ...(written.cache !== undefined && { cacheMs: written.cache }),
    ...(written.domain !== undefined && { domain: written.domain }),
    ...(written.base !== undefined && { base: resolvePath(written.base, dirname(context.file), context.env) }),
  };
}

function toRules(list: Rule['list'], patterns: readonly string[], source: Source): Rule[] {
  return patterns.map((pattern, index) => ({ list, pattern, place: source.placeOf([list, index]) }));
}

function toToolRule(tool: string, entry: NonNullable<Written['tools']>[string], source: Source): ToolRule {
  const path = ['tools', tool];
  return {
    tool,
    place: source.keyPlaceOf(path),
    when: (entry.when ?? []).map((rule, index) => ({
      args: Object.fromEntries(
        Object.entries(rule.args).map(([name, value]) => [name, Array.isArray(value) ? value : [value]]),
      ),
      class: rule.class,
      place: source.placeOf([...path, 'when', index]),
    })),
    ...withoutAbsent({
      class: entry.class,
      locks: Array.isArray(entry.locks) ? entry.locks.map((lock): LockRule => withoutAbsent(lock)) : entry.locks,
      timeoutMs: entry.timeout,
      idempotent: entry.idempotent,
      afterUnknown: entry.afterUnknown,
      barrier: entry.barrier,
      cacheMs: entry.cache,
      empty: entry.empty,
      remember: entry.remember,
    }),
  };
}

/** The same object without the keys whose value is undefined. */
function withoutAbsent<T extends object>(from: T): { [K in keyof T]: Exclude<T[K], undefined> };
function withoutAbsent(from: object): object {
  return Object.fromEntries(Object.entries(from).filter(([, value]) => value !== undefined));
}
