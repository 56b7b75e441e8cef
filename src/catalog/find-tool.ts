import { nearestNames } from '../policy/nearest-names.ts';
import { withoutClientPrefix } from './client-prefix.ts';
import type { ToolClass } from '../core/tool.ts';
import type { Catalog, CatalogEntry } from './build-catalog.ts';

/** What a name means. `names` and `near` are listed names. */
type FoundTool =
  | { kind: 'found'; entry: CatalogEntry }
  | { kind: 'ambiguous'; names: string[] }
  | { kind: 'unknown'; near: string[] };

/**
 * The tool that a caller means by a name: its listed name, or `server/tool`, `server.tool`, `server:tool`, or a bare name that
 * only one tool has, each also behind the prefix that a client puts before the tools of this server. A tool that policy denies, or that is in quarantine, is
 * found, so that calling it says so, but is never suggested; nor is one of which `scopes` (the classes of calls that the caller's
 * credentials allow; absent: all) allow no call.
 */
export function findTool(
  catalog: Catalog,
  name: string,
  { scopes }: { scopes?: ReadonlySet<ToolClass> | undefined } = {},
): FoundTool {
  // What clients write nearly always, and all that a call should pay for.
  const exact = catalog.byExposedName.get(name);
  if (exact) return { kind: 'found', entry: exact };
  const short = withoutClientPrefix(name);
  const spellings = [...new Set([name, short])];
  for (const spelling of spellings) {
    const listed = catalog.byExposedName.get(spelling);
    if (listed) return { kind: 'found', entry: listed };
    const meant = catalog.byAddress.get(spelling);
    if (meant) return oneOf(meant, scopes);
  }
  // Addresses beat bare names: no upstream can take another's calls by calling its tool `github/get_issue`.
  const bare = spellings.flatMap((spelling) => catalog.byBareName.get(spelling) ?? []);
  if (bare.length > 0) return oneOf(bare, scopes);
  return { kind: 'unknown', near: nearOf(catalog, { name: short, scopes }) };
}

function oneOf(entries: readonly CatalogEntry[], scopes: ReadonlySet<ToolClass> | undefined): FoundTool {
  const [first] = entries;
  if (first && entries.length === 1) return { kind: 'found', entry: first };
  const known = scopes === undefined ? entries : entries.filter((entry) => isOffered(entry, scopes));
  if (known.length === 0) return { kind: 'unknown', near: [] };
  return { kind: 'ambiguous', names: known.map((entry) => entry.exposedName) };
}

/** Whether somebody with these credentials may know of a tool: whether any call of it could be allowed. */
export function isOffered(
  { isListed, classes }: Pick<CatalogEntry, 'isListed' | 'classes'>,
  scopes: ReadonlySet<ToolClass> | undefined,
): boolean {
  return isListed && (scopes === undefined || [...classes].some((toolClass) => scopes.has(toolClass)));
}

/** The same of a server: one whose tools are all out of reach is not there for them; of which tools are unknown, anything may be. */
export function isServerOffered(
  { entries }: Pick<Catalog, 'entries'>,
  server: string,
  scopes: ReadonlySet<ToolClass> | undefined,
): boolean {
  if (scopes === undefined) return true;
  const theirs = entries.filter((entry) => entry.server === server);
  return theirs.length === 0 || theirs.some((entry) => isOffered(entry, scopes));
}

/** Comparing a wrong name with every tool takes time, and a batch may bring a thousand: among more tools nothing is suggested. */
const maxCompared = 2_000;

/** Up to three listed names, whose whole or bare name is like the one given. */
function nearOf(
  catalog: Catalog,
  { name, scopes }: { name: string; scopes: ReadonlySet<ToolClass> | undefined },
): string[] {
  if (catalog.entries.length > maxCompared) return [];
  const allowed = catalog.entries.filter((entry) => isOffered(entry, scopes));
  const listedNames = allowed.map((entry) => entry.exposedName);
  const bare = name.split(/__|[/.:]/).at(-1) ?? name;
  const nearBare = nearestNames(
    bare,
    allowed.map((entry) => entry.tool.name),
  );
  const ofBare = nearBare.flatMap((near) =>
    allowed.filter((entry) => entry.tool.name === near).map((entry) => entry.exposedName),
  );
  return [...new Set([...nearestNames(name, listedNames), ...ofBare])].slice(0, 3);
}
