import { ProtocolError } from '@modelcontextprotocol/server';
import type { Clock } from '../../core/clock.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Ask } from '../../core/protocol/client.ts';
import { refusal, rpcCode } from '../../core/protocol/rpc.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ClientRequest } from '../client-request.ts';
import { createRequestStates } from './request-states.ts';
import { SuspendableRun } from './suspendable-run.ts';

/** A person who is asked may think for this long; it is what the SDK's servers allow as well. */
const answerMs = 10 * 60_000;
/** Each holds a request's params, and whatever locks and slots its calls have. Of more, the oldest is given up. */
const maxSuspended = 1_000;
const maxOfPrincipal = 100;

/** The methods whose result may be `input_required` (MCP 2026-07-28, multi round-trip requests). */
const askingMethods = new Set(['tools/call', 'prompts/get', 'resources/read']);

/**
 * Serves the requests of modern clients, who take no requests: what is asked of them in the middle of one goes out as its result
 * `input_required`, and its work runs on and waits until they come back with the answers.
 */
export interface Suspensions {
  /**
   * Answers a request, or the return of one. `handle` gets it with an `ask` that works, and does not see the return.
   * @throws ProtocolError −32602 where a `requestState` of ours is not right any more, or never was; else whatever `handle` rejects with
   */
  serve(request: ClientRequest, handle: Handle): Promise<JsonObject>;
  /** Gives up what waits for this one. */
  leave(principal: string): void;
  /** Gives up everything that waits for its client. */
  close(): void;
}

type Handle = (request: ClientRequest) => Promise<JsonObject>;

interface Suspended {
  run: SuspendableRun;
  request: ClientRequest;
  cancelTimer: () => void;
}

export interface SuspensionsOptions {
  clock: Clock;
  logger: Logger;
  /** Many clients come under one principal: then none of them is held to what one may have. */
  isShared: boolean;
}

export function createSuspensions({ clock, logger, isShared }: SuspensionsOptions): Suspensions {
  const states = createRequestStates();
  /** By the serial of their state, oldest first. */
  const suspended = new Map<number, Suspended>();
  let lastSerial = 0;
  let isClosed = false;

  const take = (serial: number): Suspended | undefined => {
    const found = suspended.get(serial);
    suspended.delete(serial);
    found?.cancelTimer();
    return found;
  };
  const giveUp = (serial: number, reason: string): void => {
    const found = take(serial);
    if (found === undefined) return;
    logger.info({ method: found.request.method, reason }, 'gave up a request whose client was asked something');
    found.run.expire();
  };
  const makeRoom = (principal: string): void => {
    if (suspended.size < maxOfPrincipal) return;
    const own = isShared
      ? []
      : [...suspended.keys()].filter((serial) => suspended.get(serial)!.request.principal === principal);
    const crowd = own.length >= maxOfPrincipal ? own : suspended.size >= maxSuspended ? [...suspended.keys()] : [];
    if (crowd[0] !== undefined) giveUp(crowd[0], 'too many others wait for their clients');
  };
  const suspend = (run: SuspendableRun, request: ClientRequest): string => {
    makeRoom(request.principal);
    const serial = ++lastSerial;
    const cancelTimer = clock.after(isClosed ? 0 : answerMs, () => giveUp(serial, 'no answer came in time'));
    suspended.set(serial, { run, request, cancelTimer });
    return states.mint(request, { serial, expiresMs: clock.now() + answerMs });
  };

  const start = (request: ClientRequest, handle: Handle): Promise<JsonObject> => {
    if (!askingMethods.has(request.method)) return handle({ ...request, ask: refuseAll });
    const run: SuspendableRun = new SuspendableRun(request, { clock, suspend: () => suspend(run, request) });
    return run.start(handle);
  };
  const resume = (serial: number, request: ClientRequest): Promise<JsonObject> => {
    const found = take(serial);
    if (found === undefined) return refuse('requestState has been used already, or its request has ended');
    return found.run.resume(request);
  };

  return {
    serve(request, handle) {
      const { requestState } = request.params;
      if (typeof requestState !== 'string') return start(request, handle);
      const read = states.read(requestState, { request, nowMs: clock.now() });
      if (read.kind === 'refused') return refuse(read.reason);
      if (read.kind === 'ours') return resume(read.serial, request);
      return start({ ...request, params: { ...request.params, requestState: read.state } }, handle);
    },
    leave(principal) {
      for (const [serial, { request }] of suspended) {
        if (request.principal === principal) giveUp(serial, 'its client may not be here any more');
      }
    },
    close() {
      isClosed = true;
      for (const serial of suspended.keys()) giveUp(serial, 'mcp-marshal ends');
    },
  };
}

const refuseAll: Ask = () => {
  const reason = 'the client cannot be asked anything in the middle of this request';
  return Promise.resolve(refusal(rpcCode.methodNotFound, reason));
};

function refuse(reason: string): Promise<never> {
  return Promise.reject(new ProtocolError(rpcCode.invalidParams, reason));
}
