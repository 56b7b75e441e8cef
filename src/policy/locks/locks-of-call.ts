import type { LockRule, Policy } from '../../config/policy.ts';
import type { JsonObject } from '../../core/json.ts';
import { locksForKeys } from '../../core/lock.ts';
import type { Key, Lock, LockMode } from '../../core/lock.ts';
import type { ToolClass } from '../../core/tool.ts';
import type { CallRoute } from '../../core/verdict.ts';
import { readArgument } from '../argument.ts';
import { segmentsOfValue } from './lock-key.ts';
import { toolRuleOf } from '../policy-index.ts';

// A call that names more resources than this locks the domain instead, so that no request can fill the lock table.
const maxKeys = 256;

/** A call as locking sees it. */
interface LockRequest {
  policy: Policy;
  /** The tool's name at its upstream. */
  toolName: string;
  class: ToolClass;
  /** References of a batch may still stand in them. */
  args: JsonObject;
  route: CallRoute;
}

/**
 * All locks that a call takes, ancestors' intentions included, by the table of the scheduling design. Without a lock rule: the domain,
 * shared or exclusive; for a call on its own only the intention on it, since its client chose what to send at once. With lock
 * rules: one key per argument, or per element of an array, in the rule's own mode or else the class's. A value that does not say
 * which resource it means locks everything in the domain. `locks: none` locks nothing; `barrier: true` locks the root, on any route.
 */
export function locksOfCall({ policy, toolName, class: toolClass, args, route }: LockRequest): Lock[] {
  const rule = toolRuleOf(policy, toolName);
  if (rule?.barrier === true) return locksForKeys([{ key: [], mode: 'X' }]);
  const rules = rule?.locks ?? [];
  if (rules === 'none') return [];
  const domain = [policy.domain];
  const isRead = toolClass === 'read';
  if (rules.length === 0) {
    const mode: LockMode = route === 'passthrough' ? (isRead ? 'IS' : 'IX') : isRead ? 'S' : 'X';
    return locksForKeys([{ key: domain, mode }]);
  }
  return locksForKeys(
    rules.flatMap((rule) => {
      const mode: LockMode = (rule.mode === undefined ? isRead : rule.mode === 'read') ? 'S' : 'X';
      return keysOfRule(rule, { policy, args }).map((key) => ({ key, mode }));
    }),
  );
}

function keysOfRule(rule: LockRule, { policy, args }: { policy: Policy; args: JsonObject }): Key[] {
  const domain = [policy.domain];
  const found = readArgument(args, rule.arg);
  if (found === 'unknown') return [domain];
  const values = found.flatMap((value) => (Array.isArray(value) ? value : [value]));
  // An array that names nothing is no promise that the tool touches nothing.
  if (values.length === 0 || values.length > maxKeys) return [domain];
  const keys: Key[] = [];
  for (const value of values) {
    const segments = segmentsOfValue(value, { type: rule.type, policy });
    // The domain covers whatever the other elements name.
    if (segments === undefined) return [domain];
    keys.push([policy.domain, ...segments]);
  }
  return keys;
}
