import type { Logger } from '../../lib/logger.ts';
import type { ConnectionGate } from '../connection/connection-gate.ts';
import type { Connection } from '../connection/open-connection.ts';
import { timeLimit } from '../pace/time-limit.ts';
import type { UpstreamTimings } from '../pace/timings.ts';
import type { RawAnswer } from '../peer/raw-answer.ts';
import { createCircuit } from './circuit.ts';

/** What requests tell of the state that an upstream is in, and whether more are to be sent. */
export interface Health {
  /** Why a request is refused now; absent where it may be sent. */
  refusal(): string | undefined;
  /** Hears how a request ended that was begun at `begunMs`. */
  heed(connection: Connection, answer: RawAnswer, begunMs: number): void;
  /** A message has come, of any kind. */
  hear(): void;
  /** A new connection stands. */
  renew(): void;
  /** Forgets what was. */
  reset(): void;
  close(): void;
}

export interface HealthOptions {
  gate: ConnectionGate;
  timings: UpstreamTimings;
  logger: Logger;
  /** Ends what is being asked. */
  signal: AbortSignal;
  /** Hears the answers to our own questions, as it does those to requests. */
  onAnswer: (connection: Connection, answer: RawAnswer) => void;
}

/**
 * A request that was lost on its way counts as a failure, and one that its sender gave up does where the server then gives no sign
 * of life either: one that is slow and answers a ping is healthy. Requests that were under way together and are lost together count
 * once, since it is one event: a server that restarts must not be shut out for it.
 */
export function createHealth({ gate, timings, logger, signal, onAnswer }: HealthOptions): Health {
  let failedMs = Number.NEGATIVE_INFINITY;
  /** A question that was not answered in time, and may be answered still. */
  let overdue: AbortController | undefined;
  /** The requests given up while a connection is being asked, by connection. */
  const doubted = new Map<Connection, number>();

  /** Why there was no sign of life. */
  const ask = async (connection: Connection): Promise<string | undefined> => {
    overdue?.abort();
    const limit = timeLimit(timings.healthMs, signal);
    const question = new AbortController();
    // Each era has one request that every server answers at once.
    const method = connection.verdict.kind === 'modern' ? 'server/discover' : 'ping';
    const answered = connection.peer.request(method, {}, { signal: question.signal, isAside: true }).then((answer) => {
      limit.clear();
      onAnswer(connection, answer);
      return answer;
    });
    const answer = await Promise.race([answered, aborted(limit.signal)]);
    if (answer === undefined) {
      // A server that does one thing after another answers when it has done the one before: late, and alive.
      overdue = question;
      void answered.then((late) => isSign(late) && gate.connection() === connection && circuit.reset());
    }
    if (answer === undefined || answer.kind === 'cancelled') {
      return `it does not answer a ${method} within ${timings.healthMs / 1000} s`;
    }
    return answer.kind === 'lost' && !isSign(answer) ? answer.reason : undefined;
  };
  const circuit = createCircuit({
    openMs: timings.circuitMs,
    logger,
    async probe() {
      const connection = gate.connection() ?? (await gate.wait(timings.healthMs, signal));
      return typeof connection === 'string' ? connection : ask(connection);
    },
  });

  const doubt = async (connection: Connection): Promise<void> => {
    const count = doubted.get(connection) ?? 0;
    doubted.set(connection, count + 1);
    if (count > 0) return;
    const reason = await ask(connection);
    const requests = doubted.get(connection);
    doubted.delete(connection);
    // One that has ended meanwhile, perhaps by our own will, is made anew: that says more than a question on the old one.
    if (signal.aborted || gate.connection() !== connection) return;
    if (reason === undefined) circuit.succeed();
    else circuit.fail(reason, requests);
  };

  return {
    // Where no connection is being made at all, that is what there is to say.
    refusal: () => (gate.phase() === 'failed' ? undefined : circuit.refusal()),
    heed(connection, answer, begunMs) {
      if (answer.kind === 'cancelled') {
        if (answer.sent && circuit.refusal() === undefined) void doubt(connection);
      } else if (answer.kind !== 'lost') circuit.succeed();
      else if (answer.fault === 'transport' && begunMs >= failedMs) {
        failedMs = performance.now();
        circuit.fail(answer.reason);
      }
    },
    hear: circuit.stir,
    renew: circuit.renew,
    reset: circuit.reset,
    close: circuit.close,
  };
}

/** Whether somebody is there: also one who refuses to be asked. */
function isSign(answer: RawAnswer): boolean {
  return answer.kind !== 'cancelled' && !(answer.kind === 'lost' && answer.fault === 'transport');
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
}
