import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { canonicalJson, isTooDeep, type JsonObject } from '../../core/json.ts';
import type { ClientRequest } from '../client-request.ts';

/** A request under which a state was given, or with which it comes back. */
type Bound = Pick<ClientRequest, 'principal' | 'method' | 'params'>;

/** A `requestState` that came back: ours, of the server behind, or not to be honoured, and why. */
export type ReadState =
  | { kind: 'ours'; serial: number }
  | { kind: 'passed'; state: string }
  | { kind: 'refused'; reason: string };

/**
 * The opaque states that a modern client hands back with its answers. Signed with a key that no other process has, good until a
 * moment, and bound to the client, the method and the params.
 */
export interface RequestStates {
  mint(request: Bound, grant: { serial: number; expiresMs: number }): string;
  /** What is not marked as ours, or was escaped by `passOnState`, is `passed`. */
  read(state: string, presented: { request: Bound; nowMs: number }): ReadState;
}

/** By which our states are told from those of servers; never part of a signature's text. */
const mark = 'marshal:';
/** Follows the mark where what follows is not ours: the server behind is an mcp-marshal too. */
const escape = '~';

export function createRequestStates(): RequestStates {
  const key = randomBytes(32);
  /** Which process gave it, so that a client hears of a restart and not of forgery. */
  const giver = randomBytes(6).toString('base64url');
  const sign = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');
  const whoOf = ({ principal }: Bound): string => sign(`principal ${principal}`);

  return {
    mint(request, { serial, expiresMs }) {
      const fields = [giver, serial, Math.ceil(expiresMs), whoOf(request), digestOf(request)].join('.');
      return `${mark}${fields}.${sign(fields)}`;
    },
    read(state, { request, nowMs }) {
      if (!state.startsWith(mark)) return { kind: 'passed', state };
      if (state.startsWith(escape, mark.length)) return { kind: 'passed', state: state.slice(mark.length + 1) };
      const end = state.lastIndexOf('.');
      const fields = state.slice(mark.length, end);
      const [givenBy, serial, expiresMs, who, what] = fields.split('.');
      if (givenBy !== giver)
        return refused(
          'was not given by this process: mcp-marshal has been restarted since, or it is not one of its own',
        );
      if (!areEqual(state.slice(end + 1), sign(fields))) return refused('has been tampered with');
      if (who !== whoOf(request)) return refused('belongs to another client');
      if (what !== digestOf(request)) return refused('belongs to another request');
      if (Number(expiresMs) <= nowMs) return refused('has expired');
      return { kind: 'ours', serial: Number(serial) };
    },
  };
}

/** A server's result as the client gets it: as it is, unless the state in it would be taken for ours when it comes back. */
export function passOnState(result: JsonObject): JsonObject {
  const { requestState } = result;
  if (typeof requestState !== 'string' || !requestState.startsWith(mark)) return result;
  return { ...result, requestState: `${mark}${escape}${requestState}` };
}

function refused(reason: string): ReadState {
  return { kind: 'refused', reason: `requestState ${reason}` };
}

/** Of what makes the request this one and not another; what the client adds when it comes back is left out. */
function digestOf({ method, params }: Bound): string {
  const { inputResponses: _responses, requestState: _state, _meta, ...own } = params;
  // Nothing that is nested so deep is ever asked about.
  const text = isTooDeep(own) ? '' : canonicalJson(own);
  return createHash('sha256').update(`${method}\n${text}`).digest('base64url');
}

function areEqual(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
