import type { LockedServer } from '../../config/lock/lock-file.ts';
import { acceptedLaunch } from './accepted-launch.ts';
import type { PresentServer } from './compare-server.ts';
import { describeTool } from './describe-tool.ts';

/** A server as it is now, as one that was accepted. */
export function lockServer({ launch, tools }: PresentServer): LockedServer {
  return { launch: acceptedLaunch(launch), tools: new Map(tools.map((tool) => [tool.name, describeTool(tool)])) };
}
