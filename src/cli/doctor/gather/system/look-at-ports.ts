import { connect, createServer } from 'node:net';
import type { ListenAddress } from '../../../../config/schema/listen-address.ts';
import { findPortOwner } from './find-port-owner.ts';
import type { PortOwner } from './find-port-owner.ts';
import { within } from './within.ts';

/** An address that we are to listen at, or that a client expects us at. */
export interface PortFacts extends ListenAddress {
  /** `telemetry.metrics`. */
  key: string;
  /** Node's code of why it cannot be had; absent where it can. */
  code?: string;
  /** Who has it, as far as the system tells us. */
  owner?: PortOwner;
}

const limitMs = 2_000;

/** Tries to listen at an address, and gives it back at once. Never rejects. */
export async function lookAtPort(address: ListenAddress, key: string): Promise<PortFacts> {
  const code = await within(tryToListen(address), { limitMs, late: undefined });
  const owner =
    code === 'EADDRINUSE' ? await within(findPortOwner(address.port), { limitMs, late: undefined }) : undefined;
  return { ...address, key, ...(code !== undefined && { code }), ...(owner !== undefined && { owner }) };
}

/** Whether anybody listens at a port of this machine. Never rejects. */
export function isListening(port: number, host: string): Promise<boolean> {
  const trial = new Promise<boolean>((resolve) => {
    const socket = connect({ port, host });
    socket.setTimeout(limitMs, () => socket.destroy());
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
  return within(trial, { limitMs, late: false });
}

function tryToListen({ host, port }: ListenAddress): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
