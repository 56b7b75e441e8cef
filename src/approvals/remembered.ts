import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { ApprovalOwner, ApprovalSubject } from '../core/approval.ts';
import type { Logger } from '../lib/logger.ts';
import { readYeses, reasonOf, writeYeses, type Yes } from './remembered-file.ts';

/** Every yes for the same arguments, for an hour, over restarts. */
export interface Remembered {
  add(owner: ApprovalOwner, subject: ApprovalSubject): void;
  has(owner: ApprovalOwner, subject: ApprovalSubject): boolean;
}

const rememberedMs = 3_600_000;
/** More than anybody says in an hour. Over it the oldest is forgotten, and asked for again. */
const maxRemembered = 500;
/**
 * Keeps them in `approvals.json` of the state folder (0600), which all processes share: read when a call needs it, written whole and
 * put in its place at once. What is lost between two that write at the same time is asked for again. A file that cannot be read as
 * what it should be is set aside and never believed; so is one that others could have written. Without a folder nothing outlives the
 * process. `now` is the time of day: an hour over restarts has no other clock, and one that was set back makes no yes longer.
 */
export function createRemembered(options: { stateDir?: string; now: () => number; logger: Logger }): Remembered {
  const { stateDir, now, logger } = options;
  const file = stateDir === undefined ? undefined : join(stateDir, 'approvals.json');
  /** What was said in this process, in case the file cannot be written. */
  let own: Yes[] = [];
  let isTold = false;

  const warnOnce = (fields: object, message: string): void => {
    if (!isTold) logger.warn(fields, message);
    isTold = true;
  };
  const setAside = (reason: string): void => {
    if (file === undefined) return;
    const kept = `${file}.bad-${now()}`;
    try {
      renameSync(file, kept);
      logger.warn(
        { reason, kept },
        'remembered approvals cannot be trusted; they were set aside, and people are asked again',
      );
    } catch {
      warnOnce({ reason }, 'remembered approvals cannot be trusted; people are asked again');
    }
  };
  const read = (): Yes[] => {
    if (file === undefined) return [];
    const found = readYeses(file);
    if ('problem' in found) {
      setAside(found.problem);
      return [];
    }
    return found.approvals;
  };
  const current = (yeses: readonly Yes[]): Yes[] => {
    const atMs = now();
    return yeses.filter(({ grantedAt }) => grantedAt <= atMs && atMs < grantedAt + rememberedMs);
  };

  return {
    add({ keyScope }, { digest }) {
      const yes: Yes = { keyScope, digest, grantedAt: now() };
      own = [...current(own), yes].slice(-maxRemembered);
      if (stateDir === undefined || file === undefined) return;
      const others = current(read()).filter((one) => one.keyScope !== keyScope || one.digest !== digest);
      try {
        writeYeses({ stateDir, file }, [...others, yes].slice(-maxRemembered));
      } catch (error) {
        warnOnce({ reason: reasonOf(error) }, 'approvals cannot be written, and are remembered by this process alone');
      }
    },
    has({ keyScope }, { digest }) {
      const isIt = (yes: Yes): boolean => yes.keyScope === keyScope && yes.digest === digest;
      return current(own).some(isIt) || current(read()).some(isIt);
    },
  };
}
