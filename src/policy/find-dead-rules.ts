import type { Policy } from '../config/policy.ts';
import type { Place, Problem } from '../core/place.ts';
import { isGlob, matchGlob } from './match-glob.ts';
import { nearestNames } from './nearest-names.ts';

/**
 * Every rule of a policy that matches no tool of its connected server, with its place and the name that was perhaps meant.
 * Ask only once the server has listed its tools. A server that hides tools (behind a setting, or what its client can do) makes their rules look dead.
 */
export function findDeadRules(policy: Policy, toolNames: Iterable<string>): Problem[] {
  const names = new Set(toolNames);
  const deadRules = policy.rules
    .filter((rule) => (isGlob(rule.pattern) ? !matchesAny(rule.pattern, names) : !names.has(rule.pattern)))
    .map((rule) => deadRule({ key: rule.list, pattern: rule.pattern, place: rule.place, names }));
  const deadEntries = policy.tools
    .filter((entry) => !names.has(entry.tool))
    .map((entry) => deadRule({ key: `tools.${entry.tool}`, pattern: entry.tool, place: entry.place, names }));
  return [...deadRules, ...deadEntries];
}

function matchesAny(pattern: string, names: ReadonlySet<string>): boolean {
  for (const name of names) if (matchGlob(pattern, name)) return true;
  return false;
}

function deadRule(rule: { key: string; pattern: string; place: Place; names: ReadonlySet<string> }): Problem {
  const near = isGlob(rule.pattern)
    ? nearPattern(rule.pattern, rule.names)
    : nearestNames(rule.pattern, rule.names, 1)[0];
  const mend =
    near === undefined ? 'remove it, or see `tools` for what there is' : `did you mean ${JSON.stringify(near)}?`;
  return {
    place: rule.place,
    key: rule.key,
    message: `${JSON.stringify(rule.pattern)} matches no tool of this server; ${mend}`,
  };
}

/** The pattern with its beginning, up to the first wildcard, mended after the nearest beginning of a name. */
function nearPattern(pattern: string, names: ReadonlySet<string>): string | undefined {
  const start = pattern.search(/[*?]/);
  const beginning = pattern.slice(0, start);
  if (beginning.length < 3) return undefined;
  // Tool names are words joined by `_` or `-`: beginnings of names that end where a word does.
  const beginnings = [...names].flatMap((name) =>
    [...name.matchAll(/[_-]/g)].map((end) => name.slice(0, end.index + 1)),
  );
  return nearestNames(beginning, beginnings)
    .map((near) => near + pattern.slice(start))
    .find((candidate) => matchesAny(candidate, names));
}
