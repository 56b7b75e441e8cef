import type { ServerResponse } from 'node:http';
import { sendJson } from './stream/send-json.ts';

/** Whether the servers behind us have been tried, and how each of them is. */
export interface Readiness {
  /** Every enabled server is there, or has failed. */
  ready: boolean;
  servers: readonly { name: string; state: string }[];
}

/** What a supervisor asks: whether the process lives, and whether it is worth sending clients to. */
export interface Health {
  alive(response: ServerResponse): void;
  /**
   * 503 until every server has been tried once; after that a server that is lost is the business of its calls. Of the servers a
   * stranger hears nothing.
   */
  ready(response: ServerResponse, asker: { isStranger: boolean }): void;
}

export function createHealth(readiness: () => Readiness): Health {
  let hasBeenReady = false;
  return {
    alive: (response) => answer(response, 200, { status: 'ok' }),
    ready(response, { isStranger }) {
      const { ready, servers } = readiness();
      hasBeenReady ||= ready;
      // Names and states alone: the reason of a failure is for those who may see the log.
      const states = Object.fromEntries(servers.map(({ name, state }) => [name, state]));
      answer(response, hasBeenReady ? 200 : 503, { ready: hasBeenReady, ...(!isStranger && { servers: states }) });
    },
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  sendJson(response, `${JSON.stringify(body)}\n`, { status, headers: { 'Cache-Control': 'no-store' } });
}
