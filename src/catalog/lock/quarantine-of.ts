import type { Launch } from '../../config/config.ts';
import type { LockFile } from '../../config/lock/lock-file.ts';
import type { Tool } from '../../core/tool.ts';
import { compareLaunch } from './compare-launch.ts';
import { compareTool, namesOfParts } from './compare-tool.ts';

/**
 * What holds the tools of a server against the lock file: for each, what of it differs, in a phrase; nothing for one that is as it was
 * accepted. Of a server that is unknown, or that is started in another way than was accepted, no tool is.
 */
export function quarantineOf(
  lock: LockFile,
  { name, launch }: { name: string; launch: Launch },
): (tool: Tool) => string | undefined {
  const locked = lock.servers.get(name);
  if (locked === undefined) {
    const reason = `the server ${name} is new`;
    return () => reason;
  }
  const aspects = compareLaunch(locked.launch, launch);
  if (aspects.length > 0) {
    const reason = `the server ${name} is started in another way (${namesOfParts(aspects)} changed)`;
    return () => reason;
  }
  return (tool) => {
    const accepted = locked.tools.get(tool.name);
    if (accepted === undefined) return 'the tool is new';
    const parts = compareTool(accepted, tool);
    return parts.length === 0 ? undefined : `${namesOfParts(parts)} changed`;
  };
}
