import { matchGlob } from '../policy/match-glob.ts';
import type { ClientRule, RuleTarget } from './client.ts';
import { toRuleName } from './server-names.ts';
import type { ServerNames } from './server-names.ts';

/**
 * What a client's rule is about. `isOurs`: the client has the tool from mcp-marshal, not from its server. `isAnother`: its server has the same
 * name, and is started or reached in another way.
 */
export type Meant =
  | { kind: 'tools'; server: string; pattern: string; isOurs: boolean; isAnother: boolean }
  /** Everything that mcp-marshal offers. */
  | { kind: 'marshal'; isGuessed: boolean }
  /** A tool of mcp-marshal's own, or a recipe. */
  | { kind: 'own'; pattern: string }
  | { kind: 'unknown'; server: string };

/** By the name that clients see: the server and the tool's own name there, and whether a call of it may destroy something. */
export type ExposedTools = ReadonlyMap<string, { server: string; tool: string; isDestructive?: boolean }>;

const ownTool = /^(?:batch_|tools_find$|recipe__)/;

/** Finds out which servers and tools a client's rule means. One with `*` in the name of its server can mean several. */
export function resolveRule(rule: ClientRule, names: ServerNames, exposed: ExposedTools = new Map()): Meant[] {
  const { client, target } = rule;
  const { server, tool } = 'server' in target ? target : split(target, names.known(client));
  if (server.includes('*')) {
    const matched = names.own.filter((own) => matchGlob(server, toRuleName(own)));
    const isAll = matchGlob(server, 'marshal') || matchGlob(server, 'mcp-marshal');
    const meant = matched.map((own): Meant => {
      const isAnother = names.isAnother(client, own);
      return { kind: 'tools', server: own, pattern: tool, isOurs: false, isAnother };
    });
    return [...meant, ...(isAll ? resolveOurs(tool, { names, exposed, isGuessed: true }) : [])];
  }
  if (names.isMarshal(client, server)) return resolveOurs(tool, { names, exposed, isGuessed: false });
  const own = names.find(client, server);
  return own === undefined
    ? [{ kind: 'unknown', server }]
    : [{ kind: 'tools', server: own, pattern: tool, isOurs: false, isAnother: names.isAnother(client, server) }];
}

/** Whether a pattern matches every name. */
export function isWhole(pattern: string): boolean {
  return /^[*?]*\*[*?]*$/.test(pattern);
}

/** The longest known name of a server that it begins with; else what stands before the first mark. */
function split(
  target: Extract<RuleTarget, { name: string }>,
  known: readonly string[],
): { server: string; tool: string } {
  const { name, mark } = target;
  const server = known
    .map(toRuleName)
    .filter((candidate) => name === candidate || name.startsWith(candidate + mark))
    .reduce<string | undefined>(
      (best, one) => (best === undefined || one.length > best.length ? one : best),
      undefined,
    );
  const end = server === undefined ? name.indexOf(mark) : server.length;
  if (end < 0 || end === name.length) return { server: name, tool: '*' };
  return { server: name.slice(0, end), tool: name.slice(end + mark.length) || '*' };
}

/** A tool by the name under which mcp-marshal lists it. */
function resolveOurs(
  tool: string,
  { names, exposed, isGuessed }: { names: ServerNames; exposed: ExposedTools; isGuessed: boolean },
): Meant[] {
  if (isWhole(tool)) return [{ kind: 'marshal', isGuessed }];
  // What is meant by the tools of every server is taken for each of them anyway.
  if (isGuessed) return [];
  if (ownTool.test(tool)) return [{ kind: 'own', pattern: tool }];
  const listed = exposed.get(tool);
  const ours = { kind: 'tools', isOurs: true, isAnother: false } as const;
  if (listed !== undefined) return [{ ...ours, server: listed.server, pattern: listed.tool }];
  const { server, tool: pattern } = split({ name: tool, mark: '__' }, names.own);
  // `*delete*` begins with what may be any server's name.
  const isOfAll = server === tool && tool.startsWith('*');
  const owners = names.own.filter((own) => (isOfAll ? true : matchGlob(server, own)));
  if (owners.length === 0) return [{ kind: 'unknown', server: tool }];
  return owners.map((own) => ({ ...ours, server: own, pattern: isOfAll ? tool : pattern }));
}
