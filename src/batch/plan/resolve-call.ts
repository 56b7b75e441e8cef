import type { ServerConfig } from '../../config/config.ts';
import type { Catalog, CatalogEntry } from '../../catalog/build-catalog.ts';
import { findTool } from '../../catalog/find-tool.ts';
import type { Lock } from '../../core/lock.ts';
import type { CallError } from '../../core/outcome.ts';
import type { ToolClass } from '../../core/tool.ts';
import { classifyTool } from '../../policy/classify-tool.ts';
import { decideCall } from '../../policy/decide-call.ts';
import { locksOfCall } from '../../policy/locks/locks-of-call.ts';
import type { CallRequest } from '../request/batch-request.ts';
import type { ArgumentValidator } from './argument-validator.ts';
import { explainAwayServer } from './away-server.ts';
import { denialOf } from './denial-of.ts';
import { toolSignature } from './tool-signature.ts';

/** How the calls of a server may run. */
type PlannedServer = Pick<ServerConfig, 'parallel' | 'timeoutMs'>;

/** What a call is looked up in. */
export interface Surroundings {
  catalog: Catalog;
  /** By name: every configured server. */
  servers: ReadonlyMap<string, PlannedServer>;
  validate: ArgumentValidator;
  /** Why the server's tools cannot be listed now, such as `it is connecting`; `undefined` if they can. */
  unavailable: (server: string) => string | undefined;
}

/** The tool that a call meets, and what follows from it. */
interface Match {
  entry: CatalogEntry;
  class: ToolClass;
  reason: string;
  locks: readonly Lock[];
}

/** A call after it was looked up. With an `error` it does not run; without a `match` no tool was found. */
export type ResolvedCall = { call: CallRequest; warning?: string } & (
  | { match: Match; error?: undefined }
  | { match?: Match; error: CallError }
);

/** Looks up one call: its tool, its class by its arguments, whether policy lets it run, and what it locks. */
export function resolveCall(call: CallRequest, surroundings: Surroundings): ResolvedCall {
  if (call.problem !== undefined) return { call, error: call.problem };
  const found = findTool(surroundings.catalog, call.tool);
  if (found.kind === 'ambiguous') {
    const message = `several servers have this tool; write one of ${found.names.join(', ')}`;
    return { call, error: { code: 'ambiguous_tool', message, retryable: false } };
  }
  if (found.kind === 'unknown') return { call, error: missingTool({ call, near: found.near, surroundings }) };

  const { entry } = found;
  const { tool, policy } = entry;
  const classification = classifyTool(tool, policy, call.arguments);
  const decision = decideCall({ tool, policy, classification, route: 'batch' });
  const { class: toolClass, reason } = classification;
  const locks = locksOfCall({ policy, toolName: tool.name, class: toolClass, args: call.arguments, route: 'batch' });
  const match = { entry, class: toolClass, reason, locks };
  if (decision.decision === 'deny') {
    return { call, match, error: denialOf(decision, { entry, route: 'batch' }) };
  }
  const { reasons, warning } = surroundings.validate(tool, call.arguments);
  const resolved = { call, match, ...(warning !== undefined && { warning: `${entry.exposedName}: ${warning}` }) };
  if (reasons.length > 0) {
    const message = `${reasons.join('; ')}\narguments: ${toolSignature(tool.inputSchema)}`;
    return { ...resolved, error: { code: 'invalid_arguments', message, retryable: false } };
  }
  if (decision.decision === 'allow') return resolved;
  return { ...resolved, error: denialOf(decision, { entry, route: 'batch' }) };
}

function missingTool(bag: { call: CallRequest; near: readonly string[]; surroundings: Surroundings }): CallError {
  const { call, near, surroundings } = bag;
  const awayServer = explainAwayServer(call.tool, surroundings);
  if (awayServer !== undefined) return awayServer;
  const away = [...surroundings.servers.keys()].flatMap((name) => {
    const why = surroundings.unavailable(name);
    return why === undefined ? [] : [`${name} (${why})`];
  });
  const mend = near.length > 0 ? `did you mean ${near.join(', ')}?` : 'look the name up in the list of tools';
  const others = away.length > 0 ? `; not connected now: ${away.join(', ')}` : '';
  return { code: 'unknown_tool', message: `there is no such tool; ${mend}${others}`, retryable: away.length > 0 };
}
