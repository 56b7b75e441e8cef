import { randomBytes } from 'node:crypto';
import { chmod, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Logger } from '../../lib/logger.ts';
import { listAddresses, makeQueueFolder, queuePlaceOf, type QueuePlace } from './queue-place.ts';
import { servePeer, type PeerOptions } from './serve-peer.ts';

/** The queue of this process, as others on this machine reach it. */
export interface QueueLine {
  /** Whether somebody watches it now. */
  isWatched(): boolean;
  close(): Promise<void>;
}

/** A person has a terminal or two, and a script beside them. Of more, the one that has watched longest goes: it may have been forgotten. */
const maxPeers = 16;

/**
 * Opens a socket that only the user of this process can connect to (0600, in a folder with 0700). Removes those that dead processes
 * have left. Never rejects: without it questions still wait, and the log says why nobody can answer them.
 */
export async function openQueueLine(
  options: Omit<PeerOptions, 'toTime'> & {
    stateDir: string;
    now: () => number;
    logger: Logger;
    onUnwatched: () => void;
  },
): Promise<QueueLine | undefined> {
  const { stateDir, clock, now, logger, onUnwatched } = options;
  const place = queuePlaceOf(stateDir);
  const peers = new Map<Socket, { isWatching: () => boolean }>();
  const toTime = (ms: number): number => now() + ms - clock.now();
  const isWatched = (): boolean => [...peers.values()].some(({ isWatching }) => isWatching());
  const server = createServer((socket) => {
    if (peers.size >= maxPeers && !dropOldestWatcher(peers)) {
      socket.destroy();
      return;
    }
    peers.set(socket, servePeer(socket, { ...options, toTime }));
    socket.on('close', () => {
      peers.delete(socket);
      if (!isWatched()) onUnwatched();
    });
  });
  try {
    await makeQueueFolder(place);
    await removeDead(place);
    await listenForOne(server, place);
  } catch (error) {
    logger.warn(
      { reason: reasonOf(error) },
      'the queue of approvals has no socket; mcp-marshal approvals cannot see it',
    );
    return undefined;
  }
  // The process ends when its clients have gone, whoever watches.
  server.unref();
  return {
    isWatched,
    async close() {
      // Closing removes the socket's file too.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of peers.keys()) socket.destroy();
      await closed;
    },
  };
}

/** In the order in which they came. Whoever does not watch is cut off soon, or has just been answered. */
function dropOldestWatcher(peers: Map<Socket, { isWatching: () => boolean }>): boolean {
  for (const [socket, { isWatching }] of peers) {
    if (!isWatching()) continue;
    // At once: closing takes a turn of the loop, in which more may come.
    peers.delete(socket);
    socket.destroy();
    return true;
  }
  return false;
}

async function listenForOne(server: Server, place: QueuePlace): Promise<void> {
  const usual = place.addressOf(process.pid);
  try {
    await listen(server, usual);
  } catch (error) {
    if (reasonOf(error) !== 'EADDRINUSE') throw error;
    // Of one that is alive and goes by the same number: a container that shares the state folder.
    await listen(server, place.addressOf(process.pid, randomBytes(2).toString('hex')));
  }
}

async function listen(server: Server, address: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // What goes wrong with one connection ends nothing else.
  server.on('error', () => {});
  if (process.platform !== 'win32') await chmod(address, 0o600);
}

/** A pipe of Windows goes with its process. */
async function removeDead(place: QueuePlace): Promise<void> {
  if (process.platform === 'win32') return;
  const addresses = await listAddresses(place);
  await Promise.all(
    addresses.map(async (address) => {
      // Who refuses may be one that is just starting, unless its process is gone as well, or has to be ours.
      if (!(await refuses(address)) || isOfAnother(address)) return;
      await rm(address, { force: true });
    }),
  );
}

function isOfAnother(address: string): boolean {
  const pid = Number(/approvals-(\d+)/.exec(address)?.[1]);
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return reasonOf(error) !== 'ESRCH';
  }
}

function refuses(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const end = (isRefused: boolean): void => {
      socket.destroy();
      resolve(isRefused);
    };
    socket.once('connect', () => end(false));
    socket.once('error', (error) => end(reasonOf(error) === 'ECONNREFUSED'));
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}
