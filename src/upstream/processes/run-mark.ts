import { randomBytes } from 'node:crypto';

/**
 * Set in every process we start, and inherited by whatever that starts: those that leave their process group, as browsers do that
 * are started by browser servers, are found again by it. Another value for each child, and for each run of this program.
 */
export const markVariable = 'MCP_MARSHAL_RUN';

let run: string | undefined;
let marks = 0;

/** What all marks of this run begin with. */
export function runPrefix(): string {
  run ??= `${randomBytes(8).toString('hex')}.`;
  return run;
}

/** The mark of a child that is about to be started. */
export function nextMark(): string {
  return `${runPrefix()}${++marks}`;
}
