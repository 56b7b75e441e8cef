import type { Launch } from '../../config/config.ts';
import type { LockedServer } from '../../config/lock/lock-file.ts';
import type { Tool } from '../../core/tool.ts';
import { compareLaunch } from './compare-launch.ts';
import { compareTool } from './compare-tool.ts';
import type { ToolPart } from './compare-tool.ts';

/** A server as it is now. */
export interface PresentServer {
  launch: Launch;
  tools: readonly Tool[];
}

/** What of a server is not as the lock file has it; all lists are empty where nothing differs. */
export interface ServerChanges {
  /** The lock file does not know the server at all. */
  isNew: boolean;
  /** What of how it is started or reached differs, in words that follow `its`. */
  launch: readonly string[];
  /** Names of tools that the lock file does not know. */
  added: readonly string[];
  changed: readonly { tool: string; parts: readonly ToolPart[] }[];
  /** Names of tools that are not there any more. */
  removed: readonly string[];
}

/** Compares a server with what was accepted of it; `locked` is absent where the lock file does not know it. */
export function compareServer({ launch, tools }: PresentServer, locked: LockedServer | undefined): ServerChanges {
  if (locked === undefined) {
    return { isNew: true, launch: [], added: tools.map(({ name }) => name), changed: [], removed: [] };
  }
  const present = new Set(tools.map(({ name }) => name));
  return {
    isNew: false,
    launch: compareLaunch(locked.launch, launch),
    added: [...present].filter((name) => !locked.tools.has(name)),
    changed: tools.flatMap((tool) => {
      const accepted = locked.tools.get(tool.name);
      const parts = accepted === undefined ? [] : compareTool(accepted, tool);
      return parts.length === 0 ? [] : [{ tool: tool.name, parts }];
    }),
    removed: [...locked.tools.keys()].filter((name) => !present.has(name)),
  };
}

/** Whether anything differs by which calls are refused. A tool that has gone is not called, so it is none of it. */
export function isQuarantining({ isNew, launch, added, changed }: ServerChanges): boolean {
  return isNew || launch.length + added.length + changed.length > 0;
}
