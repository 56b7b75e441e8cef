import { isGlob, matchGlob } from '../policy/match-glob.ts';
import type { ClientReadings, ClientRule, LeftOver } from './client.ts';
import { clientTitles } from './client.ts';
import { showInvisible } from '../core/text/show-invisible.ts';
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
      const reason = reasonToLeave(rule, { ...context, meant });
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
  { meant, exposed, takeAll }: Pick<TakeOverContext, 'exposed' | 'takeAll'> & { meant: Meant },
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
  if (list !== 'allow') return undefined;
  if (meant.isAnother) {
    return 'the client has another server of that name: it is started or reached in another way than the one of the configuration';
  }
  return takeAll ? undefined : breadthOf(meant, exposed);
}

/** Below this, a pattern is less the name of something than the shape of many names. */
const minFixedChars = 3;

/** What an allow covers that whoever wrote it need not have thought of; the question for destructive tools would be waived with it. */
function breadthOf(
  { server, pattern }: { server: string; pattern: string },
  exposed: ExposedTools,
): string | undefined {
  if (!isGlob(pattern)) return undefined;
  const takeAll = '--take-all takes it over';
  if (isWhole(pattern)) {
    return `it allows a whole server, and would waive the question for its destructive tools; ${takeAll}`;
  }
  if (pattern.replaceAll(/[*?]/g, '').length < minFixedChars) {
    return `fewer than ${minFixedChars} characters of it are fixed, so it allows nearly everything; ${takeAll}`;
  }
  const waived = [...exposed.values()].find(
    (one) => one.isDestructive === true && one.server === server && matchGlob(pattern, one.tool),
  );
  if (waived === undefined) return undefined;
  return `it would waive the question for ${showInvisible(waived.tool)}, which is destructive and not named; ${takeAll}`;
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
