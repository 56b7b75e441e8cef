import { shortNameLengths } from '../core/protocol/client-limits.ts';
import type { Tool, Annotations, ToolClass } from '../core/tool.ts';
import type { CallRoute, Classification, Decision, FlowMark } from '../core/verdict.ts';
import { classesOfTool, classifyTool } from '../policy/classify-tool.ts';
import type { Policy } from '../policy/classify-tool.ts';
import { decideCall } from '../policy/decide-call.ts';
import { marksOfTool } from '../policy/flow/marks-of-tool.ts';
import { repairAnnotations } from '../policy/repair-annotations.ts';
import { acceptTool } from './accept-tool.ts';
import { withoutClientPrefix } from './client-prefix.ts';
import { dotlessName, exposedNames, shortName } from './exposed-names.ts';
import { addressMarks, isAddress } from './is-address.ts';

/** What one upstream offers, and the policy under which it does. */
export interface CatalogSource {
  /** Key of the upstream in the configuration. */
  server: string;
  policy: Policy;
  /** As the upstream lists them; nothing in them is believed to be well-formed. */
  tools: readonly Tool[];
  /** Why a tool may not be called since it is not what the lock file says; nothing where it is. Absent: there is no lock file. */
  quarantineOf?: (tool: Tool) => string | undefined;
}

/** One tool of one upstream, with everything that does not depend on the arguments of a call. */
export interface CatalogEntry {
  exposedName: string;
  server: string;
  /** The upstream's own, untouched wherever it is well-formed. */
  tool: Tool;
  /** What clients see: the upstream's, under the exposed name and with annotations repaired by policy. */
  listed: Tool;
  policy: Policy;
  /** The worst class that a call of it can have. */
  classification: Classification;
  /** All classes that a call of it can have. */
  classes: ReadonlySet<ToolClass>;
  /** What policy marks it with, for the flow rule. */
  marks: readonly FlowMark[];
  /** Why it may not be called, whatever policy says: it is not what the lock file says. */
  quarantine?: string;
  /** What is done with a call of the worst class, for a caller who may make all and has read nothing. */
  batchDecision: Decision;
  passthroughDecision: Decision;
  /** Whether clients see it: whether a call of it by itself can be anything but denied. */
  isListed: boolean;
}

/** An immutable snapshot of everything that the upstreams offer. */
export interface Catalog {
  /** All tools, the denied ones included, in the order of servers and of their lists. */
  entries: readonly CatalogEntry[];
  /** What clients see: without the tools that policy denies, and without those in quarantine. */
  listed: readonly Tool[];
  byExposedName: ReadonlyMap<string, CatalogEntry>;
  /** Other spellings that name one tool or several: `server/tool`, `server.tool`, `server:tool`, uncut `server__tool`, and the names that it has for clients that take fewer characters, or no dots. */
  byAddress: ReadonlyMap<string, readonly CatalogEntry[]>;
  /** By the tool's name at its upstream, whatever the upstream; without names that read as an address of another server. */
  byBareName: ReadonlyMap<string, readonly CatalogEntry[]>;
  /** What was odd about the upstreams' lists, each with the server and the tool. */
  warnings: readonly string[];
}

/** Builds the snapshot. One broken tool never keeps another out: it is mended or left out, with a warning. */
export function buildCatalog(sources: readonly CatalogSource[], options: { naming: 'prefixed' | 'bare' }): Catalog {
  const warnings: string[] = [];
  const offered = sources.flatMap((source) => acceptTools(source, warnings).map((tool) => ({ source, tool })));
  // One that is away has no tools to show, and its calls are still not another's.
  const servers = sources.map(({ server }) => server);
  const names = exposedNames(
    offered.map(({ source, tool }) => ({ server: source.server, tool: tool.name })),
    { naming: options.naming, servers },
  );
  const entries = offered.flatMap(({ source, tool }, index) => {
    const exposedName = names[index];
    const subject = `${source.server}: ${JSON.stringify(tool.name)}`;
    if (exposedName === undefined) {
      warnings.push(`${subject} has a name that is taken; left out`);
      return [];
    }
    const entry = buildEntry({ source, tool, exposedName });
    return [entry];
  });
  warnings.push(...quarantineWarnings(entries));
  return {
    entries,
    listed: entries.filter((entry) => entry.isListed).map((entry) => entry.listed),
    byExposedName: new Map(entries.map((entry) => [entry.exposedName, entry])),
    byAddress: groupBy(entries, (entry) => [
      ...addressMarks.map((mark) => entry.server + mark + entry.tool.name),
      ...shortNamesOf(entry),
    ]),
    byBareName: groupBy(entries, ({ server, tool: { name } }) => {
      const short = withoutClientPrefix(name);
      return servers.some((other) => other !== server && (isAddress(name, other) || isAddress(short, other)))
        ? []
        : [name];
    }),
    warnings,
  };
}

/** Under which names clients know a tool that take fewer characters, or no dots. Nearly all tools have none. */
function shortNamesOf(entry: CatalogEntry): string[] {
  const short = shortNameLengths()
    .filter((chars) => entry.exposedName.length > chars)
    .map((chars) => shortName(entry, chars));
  return entry.exposedName.includes('.') ? [...short, dotlessName(entry)] : short;
}

function acceptTools(source: CatalogSource, warnings: string[]): Tool[] {
  const byName = new Map<string, Tool>();
  source.tools.forEach((listed, index) => {
    const { tool, flaws } = acceptTool(listed);
    const subject = tool === undefined ? `tool ${index + 1} of the list` : JSON.stringify(tool.name);
    warnings.push(...flaws.map((flaw) => `${source.server}: ${subject} ${flaw}`));
    if (tool === undefined) return;
    if (byName.has(tool.name)) warnings.push(`${source.server}: ${subject} is listed twice; the first one is used`);
    else byName.set(tool.name, tool);
  });
  return [...byName.values()];
}

function buildEntry(given: { source: CatalogSource; tool: Tool; exposedName: string }): CatalogEntry {
  const { source, tool, exposedName } = given;
  const { server, policy } = source;
  const classification = classifyTool(tool, policy);
  const classes = classesOfTool(tool, policy);
  const quarantine = source.quarantineOf?.(tool);
  const decide = (route: CallRoute, toolClass = classification.class): Decision =>
    decideCall({
      tool,
      policy,
      classification: { ...classification, class: toolClass },
      route,
      exposedName,
      quarantine,
    });
  return {
    exposedName,
    server,
    tool,
    policy,
    listed: listTool(tool, { exposedName, annotations: repairAnnotations(tool, classification) }),
    classification,
    classes,
    marks: marksOfTool(policy, tool.name),
    ...(quarantine !== undefined && { quarantine }),
    batchDecision: decide('batch'),
    passthroughDecision: decide('passthrough'),
    isListed: [...classes].some((toolClass) => decide('passthrough', toolClass).decision !== 'deny'),
  };
}

/** A server that is new has all of its tools in quarantine, and nobody reads a thousand lines. */
const maxNamed = 20;

/** The first of them by name, and of the others how many each server has. */
function quarantineWarnings(entries: readonly CatalogEntry[]): string[] {
  const held = entries.flatMap(({ server, tool, quarantine }) =>
    quarantine === undefined ? [] : [{ server, tool, reason: quarantine }],
  );
  const named = held
    .slice(0, maxNamed)
    .map(({ server, tool, reason }) => `${server}: ${JSON.stringify(tool.name)} ${describeQuarantine(reason)}`);
  const counts = new Map<string, number>();
  for (const { server } of held.slice(maxNamed)) counts.set(server, (counts.get(server) ?? 0) + 1);
  const rest = [...counts].map(
    ([server, count]) => `${server}: ${count} more ${count === 1 ? 'tool differs' : 'tools differ'} from the lock file`,
  );
  return [...named, ...rest];
}

/** What to say of a tool that is not what the lock file says: `differs from the lock file: …; it is not called until …`. */
export function describeQuarantine(reason: string): string {
  return `differs from the lock file: ${reason}; it is not called until mcp-marshal lock --update`;
}

function listTool(tool: Tool, seen: { exposedName: string; annotations: Annotations | undefined }): Tool {
  const listed: Tool = { ...tool, name: seen.exposedName };
  if (seen.annotations) listed.annotations = seen.annotations;
  else delete listed.annotations;
  return listed;
}

function groupBy(
  entries: readonly CatalogEntry[],
  keysOf: (entry: CatalogEntry) => readonly string[],
): Map<string, CatalogEntry[]> {
  const groups = new Map<string, CatalogEntry[]>();
  for (const entry of entries) {
    for (const key of keysOf(entry)) {
      const group = groups.get(key);
      if (group) group.push(entry);
      else groups.set(key, [entry]);
    }
  }
  return groups;
}
