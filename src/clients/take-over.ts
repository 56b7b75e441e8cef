import { isGlob, matchGlob } from '../policy/match-glob.ts';
import type { ClientReadings, ClientRule, LeftOver } from './client.ts';
import { clientTitles } from './client.ts';
import { isWhole, resolveRule } from './resolve-rule.ts';
import type { ExposedTools, Meant } from './resolve-rule.ts';
import { toRuleName } from './server-names.ts';
import type { ServerNames } from './server-names.ts';

/** A line of a policy that a client's rules come to, and those rules. */
export interface TakenRule {
  server: string;
  list: ClientRule['list'];
  pattern: string;
  by: readonly ClientRule[];
}

/** What is known beside the clients' files. */
export interface TakeOverContext {
  names: ServerNames;
  /** From the lists that are kept of the servers: what clients see the tools as. */
  exposed: ExposedTools;
  /** An allow of a whole server is taken over like any other. */
  takeAll: boolean;
}

/**
 * What clients' rules come to as lines of policies, one for each server, list and pattern; and what has no counterpart, with the
 * reason. Nothing is weakened on the way: every denial and every question is taken over whose tools are known.
 */
export function takeOver(
  { rules, left }: Pick<ClientReadings, 'rules' | 'left'>,
  context: TakeOverContext,
): { taken: TakenRule[]; left: LeftOver[] } {
  const taken = new Map<string, TakenRule & { by: ClientRule[] }>();
  const leftOver = [...left];
  for (const rule of rules) {
    for (const meant of resolveRule(rule, context.names, context.exposed)) {
      const reason = reasonToLeave(rule, { meant, takeAll: context.takeAll });
      if (reason !== undefined || meant.kind !== 'tools') {
        leftOver.push({ ...placeOf(rule), reason: reason ?? '' });
        continue;
      }
      const pattern = isWhole(meant.pattern) ? '*' : toOwnName(meant, context.exposed);
      const key = JSON.stringify([meant.server, rule.list, pattern]);
      const same = taken.get(key);
      if (same === undefined) taken.set(key, { server: meant.server, list: rule.list, pattern, by: [rule] });
      else same.by.push(rule);
    }
  }
  const { kept, beaten } = withoutBeaten([...taken.values()]);
  return { taken: kept, left: unique([...leftOver, ...beaten]) };
}

function placeOf({ client, place, written }: ClientRule): Omit<LeftOver, 'reason'> {
  return { client, place, written };
}

/** Longer than any tool's name. */
const maxPatternChars = 200;

function reasonToLeave(
  { client, list, target }: ClientRule,
  { meant, takeAll }: { meant: Meant; takeAll: boolean },
): string | undefined {
  if (client === 'claude-code' && list === 'allow' && 'name' in target && isOpenServer(target.name)) {
    return `${clientTitles[client]} passes an allow over whose server is a pattern`;
  }
  switch (meant.kind) {
    case 'unknown':
      return 'it is about no server of the configuration';
    case 'own':
      return "it is about one of mcp-marshal's own tools, whose calls are decided one by one";
    case 'marshal':
      return `it is about all of mcp-marshal${list === 'allow' ? '; mcp-marshal doctor says what it does' : ''}`;
    case 'tools':
      break;
  }
  if (meant.pattern.length > maxPatternChars || meant.pattern.startsWith('!')) return 'it names no tool';
  if (list !== 'allow' || !isWhole(meant.pattern) || takeAll) return undefined;
  return 'it allows a whole server, and would waive the question for its destructive tools; --take-all takes it over';
}

function isOpenServer(name: string): boolean {
  return name.split('__')[0]?.includes('*') === true;
}

/** The tool's name at its server, where the client could write it with other characters only. */
function toOwnName({ server, pattern }: { server: string; pattern: string }, exposed: ExposedTools): string {
  if (isGlob(pattern)) return pattern;
  const tools = [...exposed.values()].filter((one) => one.server === server).map(({ tool }) => tool);
  if (tools.includes(pattern)) return pattern;
  return tools.find((tool) => toRuleName(tool) === pattern) ?? pattern;
}

type Taken = TakenRule & { by: ClientRule[] };

/** In a policy the strictest rule holds, however exact another is: an allow below one would be a line without effect. */
function withoutBeaten(taken: readonly Taken[]): { kept: Taken[]; beaten: LeftOver[] } {
  const kept: Taken[] = [];
  const beaten: LeftOver[] = [];
  for (const one of taken) {
    const stricter = taken.find((other) => isStricterOver(other, one));
    if (stricter === undefined) {
      kept.push(one);
      continue;
    }
    const by = stricter.by[0]?.client;
    const whose = by === undefined ? '' : ` of ${clientTitles[by]}`;
    const reason = `in a policy ${stricter.list} ${JSON.stringify(stricter.pattern)}${whose} beats it, however exact it is`;
    beaten.push(...one.by.map((rule) => ({ ...placeOf(rule), reason })));
  }
  return { kept, beaten };
}

function isStricterOver(strict: Taken, lax: Taken): boolean {
  if (lax.list !== 'allow' || strict.list === 'allow' || strict.server !== lax.server) return false;
  return strict.pattern === lax.pattern || matchGlob(strict.pattern, lax.pattern);
}

/** File by file as they were read, from top to bottom; a rule of several servers has one reason for all of them. */
function unique(left: readonly LeftOver[]): LeftOver[] {
  const files = [...new Set(left.map(({ place }) => place.file))];
  const key = ({ place, written, reason }: LeftOver): string => JSON.stringify([place, written, reason]);
  const once = [...new Map(left.map((one) => [key(one), one])).values()];
  return once.sort(
    ({ place: a }, { place: b }) =>
      files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}
