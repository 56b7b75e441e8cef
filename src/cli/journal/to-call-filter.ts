import type { LoggedCall } from '../../core/journal.ts';
import { suggest } from '../../config/schema/suggest.ts';
import { matchGlob } from '../../policy/match-glob.ts';
import { usageFailure } from '../failure.ts';
import type { LoggedStatus } from '../grammar/parse-status-list.ts';
import { findBatch } from './find-batch.ts';
import type { CallFilter } from './journal-reader.ts';
import type { OpenJournal } from './open-journal.ts';

/** Which calls somebody wants to see, as written. */
export interface Wanted {
  /** The id, or how it begins. */
  batch?: string;
  server?: string;
  /** A glob over a tool's own name, or over `server__tool`. */
  tool?: string;
  status?: readonly LoggedStatus[];
  /** Milliseconds since the epoch. */
  since?: number;
}

/** Servers that the configuration has no more are looked for among this many calls. */
const maxLooked = 10_000;

/** The filter for what is wanted. Throws a usage failure where there is no such batch or server, with what there is. */
export function toCallFilter({ reader, place }: OpenJournal, wanted: Wanted): CallFilter {
  const { batch, server, tool, status, since } = wanted;
  if (server !== undefined) checkServer({ reader, place }, server);
  const passes = [
    ...(tool === undefined ? [] : [(call: LoggedCall) => isNamed(call, tool)]),
    ...(status === undefined ? [] : [(call: LoggedCall) => status.some((one) => stands(call, one))]),
  ];
  return {
    ...(batch !== undefined && { batchId: findBatch(reader, batch).batchId }),
    ...(server !== undefined && { server }),
    ...(since !== undefined && { since }),
    ...(passes.length > 0 && { where: (call: LoggedCall) => passes.every((pass) => pass(call)) }),
  };
}

function isNamed({ server, tool }: LoggedCall, glob: string): boolean {
  return matchGlob(glob, tool) || matchGlob(glob, `${server}__${tool}`);
}

/** Of a call that runs, the effect is not unknown but still to come. */
function stands({ status, applied }: LoggedCall, wanted: LoggedStatus): boolean {
  return wanted === 'unknown' ? applied === 'unknown' && status !== 'running' : status === wanted;
}

function checkServer({ reader, place }: OpenJournal, server: string): void {
  if (place.servers.includes(server) || reader.calls({ server, limit: 1 }).length > 0) return;
  const recorded = reader.calls({ limit: maxLooked }).map((call) => call.server);
  const known = [...new Set([...place.servers, ...recorded])].sort();
  // Without a configuration and without calls, there is nothing to hold a name against.
  if (known.length === 0) return;
  const near = suggest(server, known);
  throw usageFailure(
    `there is no server "${server}"`,
    `${near === undefined ? '' : `did you mean ${near}? `}there are ${known.join(', ')}`,
  );
}
