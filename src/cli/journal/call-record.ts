import type { LoggedCall } from '../../core/journal.ts';

/** A call of the journal as programs get it: the moments as ISO 8601, and without what counts within one file only. */
export function toCallRecord({ seq: _ofItsFile, startedAt, endedAt, ...call }: LoggedCall): object {
  return {
    ...call,
    startedAt: new Date(startedAt).toISOString(),
    ...(endedAt !== undefined && { endedAt: new Date(endedAt).toISOString() }),
  };
}
