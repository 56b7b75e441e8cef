import type { ServerOffer } from '../core/protocol/server.ts';
import type { JsonObject } from '../core/json.ts';
import type { Era } from '../core/protocol/client.ts';
import type { ConnectionGate, UpstreamPhase } from './connection/connection-gate.ts';
import type { ServerWords } from './connection/server-words.ts';

/** What can be said of one upstream now. */
export interface UpstreamState {
  name: string;
  state: UpstreamPhase;
  /** Why it is not ready, in words; absent where it is. */
  reason?: string;
  /** While it is being connected again: why the attempt before failed. */
  lastFailure?: string;
  /** It wants to know who we are, and is left alone until somebody has done what the reason says. */
  needsLogin?: true;
  era?: Era;
  serverInfo?: { name: string; version: string };
  /** Tools known: those listed, or kept from the last run. */
  toolCount: number;
  /** Whether that is all there is to know for now: it has been ready, or its last run is on record, be it as one without an answer. */
  isKnown: boolean;
  /** How long the last successful connecting took, its tool list included. */
  connectedMs?: number;
  /** Its requests are refused for a while: it has failed too often in a row. */
  isRefusing?: true;
}

export interface UpstreamFacts {
  name: string;
  gate: Pick<ConnectionGate, 'phase' | 'reason' | 'connection'>;
  toolCount: number;
  isKnown: boolean;
  connectedMs: number | undefined;
  needsLogin: boolean;
  isRefusing: boolean;
  /** Attempts in a row that have failed. */
  failures: number;
}

export function toUpstreamState({
  name,
  gate,
  toolCount,
  isKnown,
  connectedMs,
  needsLogin,
  isRefusing,
  failures,
}: UpstreamFacts): UpstreamState {
  const connection = gate.connection();
  const isTriedAgain = failures > 0 && gate.phase() === 'connecting';
  return {
    name,
    state: gate.phase(),
    ...(connection === undefined && { reason: gate.reason() }),
    ...(isTriedAgain && { lastFailure: gate.reason() }),
    ...(connection === undefined && needsLogin && { needsLogin }),
    ...(connection && { era: connection.verdict.kind }),
    ...(connection?.serverInfo && { serverInfo: connection.serverInfo }),
    toolCount,
    isKnown,
    ...(connectedMs !== undefined && { connectedMs }),
    ...(isRefusing && { isRefusing }),
  };
}

export interface OfferFacts {
  server: string;
  words: ServerWords | undefined;
  toolList: JsonObject;
  era: Era | undefined;
}

export function toServerOffer({ server, words, toolList, era }: OfferFacts): ServerOffer {
  return { server, ...words, ...(era !== undefined && { era }), toolList };
}
