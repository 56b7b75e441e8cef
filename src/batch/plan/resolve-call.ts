import type { Catalog } from '../../catalog/build-catalog.ts';
import { findTool, isServerOffered } from '../../catalog/find-tool.ts';
import type { CallError } from '../../core/outcome.ts';
import type { Surface } from '../../core/tool.ts';
import type { Caller } from '../../core/verdict.ts';
import { findToolName } from '../own-tools.ts';
import type { CallRequest } from '../request/batch-request.ts';
import type { ArgumentValidator } from './argument-validator.ts';
import { explainAwayServer } from './away-server.ts';
import { judgeCall } from './judge-call.ts';
import type { PlannedServers, ResolvedCall } from './order/judged-call.ts';

/** What a call is looked up in. */
export interface Surroundings {
  catalog: Catalog;
  servers: PlannedServers;
  validate: ArgumentValidator;
  /** Why the server's tools cannot be listed now, such as `it is connecting`; `undefined` if they can. */
  unavailable: (server: string) => string | undefined;
  /** Whether that is because somebody has to log in first. Absent: of no server. */
  wantsLogin?: ((server: string) => boolean) | undefined;
  /** Names of configured servers that are switched off. */
  disabled?: ReadonlySet<string> | undefined;
  /** What clients list; where that is not all tools, another way to find one is told. Absent: everything. */
  surface?: Surface | undefined;
  /** On whose behalf calls are made, as of the moment in which it is asked. Absent: somebody who may call everything. */
  caller?: (() => Caller) | undefined;
}

/**
 * Looks up one call: its tool, its class by its arguments, whether policy lets it run, and what it locks.
 * @param surroundings.caller with what the calls before it will have read
 */
export function resolveCall(
  call: CallRequest,
  surroundings: Omit<Surroundings, 'caller'> & { caller: Caller | undefined },
): ResolvedCall {
  if (call.problem !== undefined) return { call, error: call.problem };
  const found = findTool(surroundings.catalog, call.tool, { scopes: surroundings.caller?.scopes });
  if (found.kind === 'ambiguous') {
    const message = `several servers have this tool; write one of ${found.names.join(', ')}`;
    return { call, error: { code: 'ambiguous_tool', message, retryable: false } };
  }
  if (found.kind === 'unknown') return { call, error: missingTool({ call, near: found.near, surroundings }) };

  const { isOpen, holes } = call;
  const { validate, caller } = surroundings;
  return { call, ...judgeCall(found.entry, { arguments: call.arguments, isOpen, holes, validate, caller }) };
}

function missingTool(bag: {
  call: CallRequest;
  near: readonly string[];
  surroundings: Omit<Surroundings, 'caller'> & { caller: Caller | undefined };
}): CallError {
  const { call, near, surroundings } = bag;
  const awayServer = explainAwayServer(call.tool, surroundings);
  if (awayServer !== undefined) return awayServer;
  const away = [...surroundings.servers.keys()].flatMap((name) => {
    const why = surroundings.unavailable(name);
    const isKnown = why !== undefined && isServerOffered(surroundings.catalog, name, surroundings.caller?.scopes);
    return isKnown ? [{ name, why }] : [];
  });
  const isListed = (surroundings.surface ?? 'passthrough') === 'passthrough';
  const lookUp = isListed ? 'look the name up in the list of tools' : `ask ${findToolName} for it`;
  const mend = near.length > 0 ? `did you mean ${near.join(', ')}?` : lookUp;
  const others =
    away.length > 0 ? `; not connected now: ${away.map(({ name, why }) => `${name} (${why})`).join(', ')}` : '';
  const retryable = away.some(({ name }) => surroundings.wantsLogin?.(name) !== true);
  return { code: 'unknown_tool', message: `there is no such tool; ${mend}${others}`, retryable };
}
