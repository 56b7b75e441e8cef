import type { CatalogEntry } from '../../../catalog/build-catalog.ts';
import type { ServerConfig } from '../../../config/config.ts';
import type { Lock } from '../../../core/lock.ts';
import type { CallError } from '../../../core/outcome.ts';
import type { PlannedCall } from '../../../core/plan.ts';
import type { ToolClass } from '../../../core/tool.ts';
import type { CallRequest } from '../../request/batch-request.ts';

/** The tool that a call meets, and what follows from it. */
export interface Match {
  entry: CatalogEntry;
  class: ToolClass;
  reason: string;
  locks: readonly Lock[];
  /** It is open, and once its arguments are known it needs approval, or may. */
  mayAsk?: true;
  /** It needs approval: why, and what would let it run without. */
  approval?: NonNullable<PlannedCall['approval']>;
}

/** A call after it was looked up. With an `error` it does not run; without a `match` no tool was found. */
export type ResolvedCall = { call: CallRequest; warning?: string } & (
  | { match: Match; error?: undefined }
  | { match?: Match; error: CallError }
);

/** A call without its place among the others, and what it was found to be. With an `error` it does not run. */
export type JudgedCall = {
  call: Pick<CallRequest, 'id' | 'tool' | 'arguments' | 'isOpen' | 'needs' | 'timeoutMs'>;
} & ({ match: Match; error?: undefined } | { match?: Match; error: CallError });

/** By name: every configured server, and how its calls may run. */
export type PlannedServers = ReadonlyMap<string, Pick<ServerConfig, 'parallel' | 'timeoutMs'>>;
