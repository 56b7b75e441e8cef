import { PassThrough } from 'node:stream';
import { createBridge, type BridgeOptions } from '../../src/bridge/create-bridge.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { silent, until } from '../upstream/support.ts';

/** A client of bare lines in front of a bridge. */
export interface RawClient {
  bridge: ReturnType<typeof createBridge>;
  input: PassThrough;
  /** Everything that came, in order. */
  received: JsonObject[];
  send(message: JsonObject): void;
  notify(method: string, params?: JsonObject): void;
  /** Sends a request and resolves with its answer. */
  request(id: string | number, method: string, params?: JsonObject): Promise<JsonObject>;
  answersTo(id: unknown): JsonObject[];
  /** Notifications and requests of the proxy with this method. */
  of(method: string): JsonObject[];
}

export function connectRaw(url: string, options: Partial<BridgeOptions> = {}): RawClient {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const bridge = createBridge({ url, logger: silent, random: () => 1, streams: { input, output }, ...options });
  const received: JsonObject[] = [];
  let rest = '';
  output.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) received.push(JSON.parse(line));
  });
  const send = (message: JsonObject): void => void input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const answersTo = (id: unknown): JsonObject[] =>
    received.filter((message) => message['id'] === id && message['method'] === undefined);
  return {
    bridge,
    input,
    received,
    send,
    notify: (method, params) => send({ method, ...(params && { params }) }),
    async request(id, method, params) {
      const before = answersTo(id).length;
      send({ id, method, ...(params && { params }) });
      await until(() => answersTo(id).length > before);
      return answersTo(id)[before]!;
    },
    answersTo,
    of: (method) => received.filter((message) => message['method'] === method),
  };
}

/** The same with the session of a legacy client opened and confirmed. */
export async function connectLegacy(url: string, options: Partial<BridgeOptions> = {}): Promise<RawClient> {
  const client = connectRaw(url, options);
  await client.request('open', 'initialize', opening);
  client.notify('notifications/initialized');
  return client;
}

export const opening = {
  protocolVersion: '2025-06-18',
  capabilities: { elicitation: {}, 'x-own': { deep: [1] } },
  clientInfo: { name: 'bare', version: '1' },
};

/** What every request of a modern client carries. */
export const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bare', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
