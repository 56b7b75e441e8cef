import type { Logger } from '../../lib/logger.ts';

/** Requests that fail on their way one after another, until no more are sent. */
const maxFailures = 5;
/** From one question to the next, whatever signs of life there are. */
const stirMs = 1000;

/**
 * Whether requests are let through to an upstream that keeps losing them. It opens for a while after so many transport failures in a
 * row; then one probe decides whether it closes, or stays open as long again.
 */
export interface Circuit {
  /** Why a request is refused now; absent where it may be sent. */
  refusal(): string | undefined;
  /** So many requests were lost on the way, or got no sign of life. */
  fail(reason: string, count?: number): void;
  /** The upstream has answered. */
  succeed(): void;
  /** There is a new connection, on which the upstream has answered: what was said of the old one holds no longer. */
  renew(): void;
  /** There was some sign of life: it is asked now whether it answers, not only when the time is over; once a second at most. */
  stir(): void;
  /** Lets everything through again, whatever was. */
  reset(): void;
  /** Gives the timer back. */
  close(): void;
}

export interface CircuitOptions {
  openMs: number;
  /** Asks the upstream for a sign of life; resolves with the reason where there was none. Never rejects. */
  probe: () => Promise<string | undefined>;
  logger: Logger;
}

export function createCircuit({ openMs, probe, logger }: CircuitOptions): Circuit {
  let failures = 0;
  let refused: { reason: string; until: number } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let testedMs = Number.NEGATIVE_INFINITY;
  let tests = 0;

  const open = (reason: string): void => {
    if (isClosed) return;
    refused = { reason, until: Date.now() + openMs };
    timer = setTimeout(() => void test(), openMs);
    logger.warn({ reason, openMs }, 'its calls are refused for a while');
  };
  const shut = (): void => {
    clearTimeout(timer);
    failures = 0;
    if (refused !== undefined) logger.info({}, 'it answers again; its calls are let through');
    refused = undefined;
  };
  const test = async (): Promise<void> => {
    const tested = refused;
    testedMs = performance.now();
    tests += 1;
    const reason = await probe();
    tests -= 1;
    // It has been reset in between, or given up.
    if (refused !== tested || isClosed) return;
    if (reason === undefined) shut();
    else open(reason);
  };

  return {
    refusal() {
      if (refused === undefined) return undefined;
      const { reason, until } = refused;
      const seconds = Math.ceil((until - Date.now()) / 1000);
      const when = seconds > 0 ? `for ${seconds} s more, until ${timeOf(until)}` : 'until it does';
      return `it did not answer ${maxFailures} times in a row (${reason}), so nothing is sent to it ${when}; then it is asked whether it answers again`;
    },
    fail(reason, count = 1) {
      failures += count;
      if (refused === undefined && failures >= maxFailures) open(reason);
    },
    succeed() {
      // An answer that comes while it is open is one from before; the probe decides.
      if (refused === undefined) failures = 0;
    },
    renew() {
      // Failures that are fewer still count: a server that loses one call a connection is to be found out.
      if (refused !== undefined) shut();
    },
    stir() {
      if (refused === undefined || isClosed || tests > 0 || performance.now() - testedMs < stirMs) return;
      clearTimeout(timer);
      void test();
    },
    reset: shut,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** As a clock in a log shows it: without the date, in UTC. */
function timeOf(since1970Ms: number): string {
  return `${new Date(since1970Ms).toISOString().slice(11, 19)} UTC`;
}
