import type { Authenticate, Identity } from '../../../access/identity.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../../lib/logger.ts';
import { refusedCode, type HttpProblem } from '../http-problem.ts';

export type Admission = { ok: true; identity: Identity } | { ok: false; problem: HttpProblem };

export interface GateOptions {
  authenticate: Authenticate;
  clock: Clock;
  logger: Logger;
}

/**
 * Refusals leave this long after their request has come, or twice as long, and so on: how far a token came before it was found wanting
 * takes a hundredth of that, and cannot be read from a clock.
 */
const paceMs = 100;

/** Refusals that wait for their time hold a request each: of more, nobody is told anything but that there are too many. */
const maxPaced = 500;

/** Of those who are turned away for one reason one is told of in this time, and how many there were: guessing must not fill a disk. */
const tellEveryMs = 10_000;

/** Reasons that are told apart in that time, most of them with the name of a token; the others are told of as one. */
const maxReasons = 50;

/** Lets in who has proved who they are. Whoever has not is told the same at the same pace, whatever was wrong. Never rejects. */
export function createGate({
  authenticate,
  clock,
  logger,
}: GateOptions): (request: { rawHeaders: readonly string[]; challenge: string }) => Promise<Admission> {
  const tell = createTeller({ clock, logger });
  let paced = 0;

  return async ({ rawHeaders, challenge }) => {
    const arrivedMs = clock.now();
    const found = await authenticate(rawHeaders);
    if (found.ok) return found;
    const { isMissing, problem } = found;
    if (!isMissing) tell(problem);
    if (paced >= maxPaced) return { ok: false, problem: tooManyRefused };
    const passedMs = clock.now() - arrivedMs;
    paced++;
    await new Promise<void>((resolve) => void clock.after(paceMs - (passedMs % paceMs), resolve));
    paced--;
    return { ok: false, problem: unauthorized(challenge, isMissing) };
  };
}

const toldOf = 'a client was turned away';

/** Says why clients were turned away, for each reason at its own pace: the flood of one must not hide another. */
function createTeller({ clock, logger }: Pick<GateOptions, 'clock' | 'logger'>): (problem: string) => void {
  const heard = new Map<string, { toldMs: number; untold: number }>();
  const makeRoom = (): void => {
    for (const [reason, { toldMs, untold }] of heard) {
      if (clock.now() - toldMs < tellEveryMs) continue;
      heard.delete(reason);
      if (untold > 0) logger.info({ reason, count: untold }, toldOf);
    }
  };
  return (problem) => {
    if (heard.size >= maxReasons && !heard.has(problem)) makeRoom();
    const reason = heard.size >= maxReasons && !heard.has(problem) ? 'one of many reasons' : problem;
    const state = heard.get(reason) ?? { toldMs: Number.NEGATIVE_INFINITY, untold: 0 };
    heard.set(reason, state);
    state.untold++;
    if (clock.now() - state.toldMs < tellEveryMs) return;
    logger.info({ reason, count: state.untold }, toldOf);
    state.toldMs = clock.now();
    state.untold = 0;
  };
}

const tooManyRefused: HttpProblem = {
  status: 503,
  code: refusedCode,
  message: 'Service Unavailable: too many clients are being turned away; come back',
  retryAfterS: 1,
  closes: true,
};

/** To who has shown nothing the challenge names no error (RFC 6750, 3.1). */
function unauthorized(challenge: string, isMissing: boolean): HttpProblem {
  return {
    status: 401,
    code: refusedCode,
    message: 'Unauthorized: send the header Authorization: Bearer TOKEN, with a token that is accepted here',
    challenge: isMissing ? challenge : `${challenge}, error="invalid_token"`,
  };
}
