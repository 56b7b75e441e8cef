import { createHash } from 'node:crypto';
import { recipePrefix, recipeServer } from '../core/tool.ts';
import { withoutClientPrefix } from './client-prefix.ts';
import { isAddress } from './is-address.ts';

/** A tool by where it stands. */
interface ToolAddress {
  server: string;
  /** The tool's name at its upstream. */
  tool: string;
}

/** The names of our own tools, which no upstream's tool may take. */
export const ownNames = ['batch_call', 'batch_read', 'batch_await', 'batch_cancel', 'tools_find'] as const;

// The longest name that every client and model API accepts.
const maxNameChars = 64;
const hashChars = 8;

/**
 * The name under which clients see each tool, at its index; `undefined` for one whose every name is taken.
 * `bare` gives the tool's own name where no other tool wants it, else, and under `prefixed`, `server__tool`. A name that is too long,
 * holds characters that clients refuse, or is wanted twice, is cut and ends in a hash of server and tool. Names do not depend on
 * the order of servers: of tools that want one name, none gets it.
 */
export function exposedNames(
  tools: readonly ToolAddress[],
  options: {
    naming: 'prefixed' | 'bare';
    /** All configured servers, those included that offer no tools now. */
    servers: readonly string[];
  },
): (string | undefined)[] {
  const wishes = tools.map((address) => wishesOf(address, options));
  const turns = wishes.map(() => 0);
  const wishAt = (index: number): string => wishes[index]?.[turns[index] ?? 0] ?? '';
  for (let isSettled = false; !isSettled;) {
    isSettled = true;
    const wanted = new Map<string, number>(ownNames.map((name) => [name, 1]));
    wishes.forEach((_, index) => wanted.set(wishAt(index), (wanted.get(wishAt(index)) ?? 0) + 1));
    wishes.forEach((names, index) => {
      const turn = turns[index] ?? 0;
      if ((wanted.get(wishAt(index)) ?? 0) < 2 || turn === names.length - 1) return;
      turns[index] = turn + 1;
      isSettled = false;
    });
  }
  const taken = new Set<string>();
  return wishes.map((_, index) => {
    const name = wishAt(index);
    if (taken.has(name)) return undefined;
    taken.add(name);
    return name;
  });
}

/** Names in the order of preference; the last one is its own. */
function wishesOf(
  { server, tool }: ToolAddress,
  { naming, servers }: { naming: 'prefixed' | 'bare'; servers: readonly string[] },
): string[] {
  const prefixed = `${server}__${tool}`;
  // A bare name that reads as the address of another server's tool or of a recipe, or as a name behind a client's prefix, would take calls meant for others.
  const misleads =
    looksCut.test(tool) ||
    withoutClientPrefix(tool) !== tool ||
    [...servers, recipeServer].some((other) => isAddress(tool, other));
  const wishes = naming === 'bare' && !misleads ? [tool, prefixed] : [prefixed];
  return [...wishes.filter(isUsable), hashedName({ server, tool })];
}

/** As names end that are cut: a tool that took one of those would stand twice in the list of a client, and get another's calls. */
const looksCut = new RegExp(`_[0-9a-f]{${hashChars}}$`);

function isUsable(name: string): boolean {
  return name.length <= maxNameChars && /^[A-Za-z0-9_.-]+$/.test(name);
}

/** The name of a tool for a client that takes fewer characters than its exposed name has. It ends in the same hash wherever it is cut. */
export function shortName(
  { exposedName, server, tool }: { exposedName: string; server: string; tool: { name: string } },
  maxChars: number,
): string {
  if (exposedName.length <= maxChars) return exposedName;
  return `${exposedName.slice(0, maxChars - hashChars - 1)}_${hashOf({ server, tool: tool.name })}`;
}

/** The same of a recipe. */
export function shortRecipeName(exposedName: string, maxChars: number): string {
  const tool = { name: exposedName.slice(recipePrefix.length) };
  return shortName({ exposedName, server: recipeServer, tool }, maxChars);
}

/** The same for a client that refuses dots; the exposed name where it has none. */
export function dotlessName(entry: { exposedName: string; server: string; tool: { name: string } }): string {
  const { exposedName, server, tool } = entry;
  if (!exposedName.includes('.')) return exposedName;
  const clean = exposedName.replaceAll('.', '_').slice(0, maxNameChars - hashChars - 1);
  return `${clean}_${hashOf({ server, tool: tool.name })}`;
}

function hashedName(address: ToolAddress): string {
  const clean = `${address.server}__${address.tool}`.replaceAll(/[^A-Za-z0-9_.-]/g, '_');
  return `${clean.slice(0, maxNameChars - hashChars - 1)}_${hashOf(address)}`;
}

/** The separator cannot stand in a server's name, so no two addresses share what is hashed. */
function hashOf({ server, tool }: ToolAddress): string {
  return createHash('sha256').update(`${server}\n${tool}`).digest('hex').slice(0, hashChars);
}
