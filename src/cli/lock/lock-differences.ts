import { acceptedLaunch } from '../../catalog/lock/accepted-launch.ts';
import { compareServer } from '../../catalog/lock/compare-server.ts';
import type { ToolPart } from '../../catalog/lock/compare-tool.ts';
import { definitionOf } from '../../catalog/lock/describe-tool.ts';
import type { ToolDefinition } from '../../catalog/lock/describe-tool.ts';
import type { Launch } from '../../config/config.ts';
import type { LockedServer, LockFile } from '../../config/lock/lock-file.ts';
import type { Tool } from '../../core/tool.ts';
import { findDefinition } from './definition-store.ts';
import { definitionLines, jsonLines } from './definition-lines.ts';
import { lineDiff } from './line-diff.ts';

/** What of one tool, or of a whole server, is not as the lock file has it. */
export interface LockDifference {
  server: string;
  /** The tool's name at its server. Absent: it is about the server. */
  tool?: string;
  change: 'new' | 'changed' | 'removed';
  /** What has changed, in words that follow `its`. */
  parts: readonly string[];
  /** Whether calls are refused for it. What has gone is not called, so nothing is refused. */
  isQuarantined: boolean;
  /** As `diff -u` has it, without anything invisible; absent where it is not known what was accepted. */
  diff?: readonly { part: string; lines: readonly string[] }[];
}

/** A server as it is now; without `tools` where it was not asked for them. */
export interface AskedServer {
  name: string;
  launch: Launch;
  tools?: readonly Tool[];
}

/** A change of more lines than these is another text. */
const maxDiffLines = 400;

/** What differs between the lock file and these servers, in their order, the servers' own changes first. */
export async function findDifferences(
  lock: LockFile,
  servers: readonly AskedServer[],
  { stateDir }: { stateDir: string },
): Promise<LockDifference[]> {
  const found: LockDifference[] = [];
  for (const server of servers) found.push(...(await differencesOf(server, { lock, stateDir })));
  return found;
}

/** Servers of the lock file that the configuration has no more. */
export function findGone(lock: LockFile, configured: readonly { name: string }[]): LockDifference[] {
  const names = new Set(configured.map(({ name }) => name));
  const gone = [...lock.servers.keys()].filter((name) => !names.has(name));
  return gone.map((server) => ({ server, change: 'removed', parts: [], isQuarantined: false }));
}

async function differencesOf(
  { name: server, launch, tools }: AskedServer,
  { lock, stateDir }: { lock: LockFile; stateDir: string },
): Promise<LockDifference[]> {
  const locked = lock.servers.get(server);
  if (locked === undefined) return [{ server, change: 'new', parts: [], isQuarantined: true }];
  const changes = compareServer({ launch, tools: tools ?? [] }, locked);
  const ofLaunch: LockDifference[] =
    changes.launch.length === 0 ? [] : [launchDifference(server, { locked, launch, parts: changes.launch })];
  if (tools === undefined) return ofLaunch;
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const changed: LockDifference[] = [];
  for (const { tool, parts } of changes.changed) {
    const accepted = locked.tools.get(tool);
    const before = accepted && (await findDefinition(stateDir, accepted));
    const diff = diffOf(parts, { before, now: byName.get(tool) });
    changed.push({ server, tool, change: 'changed', parts, isQuarantined: true, ...(diff && { diff }) });
  }
  const added = changes.added.map((tool): LockDifference => {
    const diff = diffOf(['description'], { before: nothing, now: byName.get(tool) });
    return { server, tool, change: 'new', parts: [], isQuarantined: true, ...(diff && { diff }) };
  });
  const removed = changes.removed.map((tool): LockDifference => ({
    server,
    tool,
    change: 'removed',
    parts: [],
    isQuarantined: false,
  }));
  return [...ofLaunch, ...changed, ...added, ...removed];
}

/** What was accepted of a tool that is new. */
const nothing: ToolDefinition = {
  description: { title: null, description: null },
  schema: { inputSchema: {}, outputSchema: null },
  annotations: {},
};

function diffOf(
  parts: readonly ToolPart[],
  { before, now }: { before: ToolDefinition | undefined; now: Tool | undefined },
): LockDifference['diff'] {
  if (before === undefined || now === undefined) return undefined;
  const definition = definitionOf(now);
  return parts.map((part) => ({
    part,
    lines: bounded(lineDiff(definitionLines(before, part), definitionLines(definition, part))),
  }));
}

function launchDifference(
  server: string,
  { locked, launch, parts }: { locked: LockedServer; launch: Launch; parts: readonly string[] },
): LockDifference {
  const lines = bounded(lineDiff(jsonLines(locked.launch), jsonLines(acceptedLaunch(launch))));
  return { server, change: 'changed', parts, isQuarantined: true, diff: [{ part: 'launch', lines }] };
}

function bounded(lines: readonly string[]): string[] {
  if (lines.length <= maxDiffLines) return [...lines];
  return [...lines.slice(0, maxDiffLines), `… and ${lines.length - maxDiffLines} more lines`];
}
