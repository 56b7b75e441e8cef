import { onTestFinished } from 'vitest';
import type { Transport } from '../../../src/config/config.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Ask, Client } from '../../../src/core/protocol/client.ts';
import type { Fleet, FleetOptions } from '../../../src/upstream/fleet.ts';
import { createFleet } from '../../../src/upstream/fleet.ts';
import type { FleetLink } from '../../../src/upstream/link/fleet-link.ts';
import type { ServerNotice, UpstreamRequest } from '../../../src/core/protocol/server.ts';
import { client, serverConfig, silent, temporaryDirectory, textOf } from '../support.ts';

/** A fleet for one test, started without capabilities unless they are given. */
export function openFleet(
  servers: Record<string, Transport>,
  { capabilities, ...options }: Partial<FleetOptions> & { capabilities?: JsonObject } = {},
): Fleet {
  const directory = temporaryDirectory();
  const configs = Object.entries(servers).map(([name, transport]) => serverConfig(transport, name));
  const fleet = createFleet({
    servers: configs,
    logger: silent,
    stateDir: directory.path,
    random: () => 1,
    ...options,
    // A machine under load starts a process slowly, which is not to be taken for the silence of a legacy server.
    timings: { probeMs: 20_000, ...options.timings },
  });
  onTestFinished(async () => {
    await fleet.close();
    directory.remove();
  });
  fleet.start(capabilities);
  return fleet;
}

/** What clients here can do: everything that a server may ask of them. */
export const askable = { elicitation: {}, sampling: {}, roots: { listChanged: true } };

/** An `ask` that answers with who was asked, and what. */
export function answersAs(name: string): Ask {
  return ({ method, params }) => Promise.resolve({ ok: true, result: { from: name, method, params } });
}

/** A client that can be asked anything, also outside its requests, and answers with its name. */
export function askableClient(id: string, given: Partial<Client> = {}): Client {
  return client(id, { capabilities: askable, ask: answersAs(id), ...given });
}

/** The text of a call's result, as JSON. Fails where the call does. */
export async function ask<T = JsonObject>(
  link: FleetLink,
  [server, tool]: readonly [string, string],
  { args = {}, ...request }: { args?: JsonObject } & Partial<UpstreamRequest> = {},
): Promise<T> {
  const answer = await link.call(server, { tool, params: { arguments: args }, ...request });
  const value: T = JSON.parse(textOf(answer));
  return value;
}

/** Collects what a link hears. */
export function hearing(link: FleetLink): ServerNotice[] {
  const heard: ServerNotice[] = [];
  link.onNotice((notice) => heard.push(notice));
  return heard;
}

/** What the talkative fixture was sent. */
export interface Seen {
  pid: number;
  capabilities: JsonObject;
  levels: string[];
  subscribed: string[];
  unsubscribed: string[];
  notices: { method: string; params: JsonObject }[];
  roots?: JsonObject;
}
