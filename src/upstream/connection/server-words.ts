import type { Client, Transport } from '@modelcontextprotocol/client';
import type { JsonObject } from '../../core/json.ts';
import { isJsonObject, isTooDeep } from '../../core/json.ts';
import type { RawPeer } from '../peer/raw-peer.ts';

/** What a server says of itself when it is opened, as it said it. */
export interface ServerWords {
  capabilities: JsonObject;
  instructions?: string;
}

export interface HeardWords {
  /** Once the client is connected. A modern server is asked again: what was remembered of it may have changed. */
  words(connected: { client: Client; peer: RawPeer; signal: AbortSignal }): Promise<ServerWords>;
}

/** Listens in on the opening, because the SDK drops capabilities that it does not know. To be called before the client connects. */
export function hearServerWords(transport: Transport): HeardWords {
  let heard: JsonObject | undefined;
  const listenNext = transport.onmessage;
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport has callbacks, not events
  transport.onmessage = (message, extra) => {
    if (heard === undefined && 'result' in message && isOpening(message.result)) heard = message.result;
    listenNext?.(message, extra);
  };
  return {
    async words({ client, peer, signal }) {
      if (client.getProtocolEra() === 'modern') {
        const answer = await peer.request('server/discover', {}, { signal });
        if (answer.kind === 'result') heard = answer.result;
      }
      const said: unknown = heard?.['capabilities'] ?? client.getServerCapabilities();
      const instructions = heard === undefined ? client.getInstructions() : heard['instructions'];
      // What cannot be shown to a client is as good as not said.
      const capabilities = isJsonObject(said) && !isTooDeep(said) ? said : {};
      return { capabilities, ...(typeof instructions === 'string' && { instructions }) };
    },
  };
}

/** The result of `initialize`. */
function isOpening(result: unknown): result is JsonObject {
  return isJsonObject(result) && typeof result['protocolVersion'] === 'string' && isJsonObject(result['capabilities']);
}
