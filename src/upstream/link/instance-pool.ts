import type { AbortLike } from '../../core/abort.ts';
import type { Instance } from '../instance/instance.ts';

/** Enough for the overlap of a few people at a time; each may be a process. */
const maxBusy = 8;
/** With those whose requests wait for a person, who may never come back. */
const maxInstances = 32;
/** Requests in line for one; more would wait longer than their clients do. */
const maxWaiting = 1000;

/** Connections to one server that serve one request at a time, of clients that cannot be told apart otherwise. */
export interface InstancePool {
  /** One that is idle, or why there is none. Every one is given back. */
  take(signal: AbortLike | undefined): Instance | string | Promise<Instance | string>;
  /** Told of each question that is put to the client of a request, and of its end: as long as it waits, it is not in others' way. */
  setAsking(instance: Instance, isAsking: boolean): void;
  /** One that is worn serves no other request. */
  giveBack(instance: Instance): void;
  /** There is another pool in its place: what is idle is closed, the rest as it is given back, and who waits is sent away. */
  close(): void;
}

export interface InstancePoolOptions {
  /**
   * The connection by which the clients hear of what belongs to no request, if nobody else uses it now. It goes before all others: what
   * a request changes there, they hear of. Never worn.
   */
  home: () => Instance | undefined;
  /** A further connection, or why there can be none. */
  open: () => Instance | string;
  /** Closes one that `open` has made. */
  close: (instance: Instance) => void;
  /** How long a request waits for one that is idle: each may be waiting for a person, who may never come back. */
  waitMs: number;
}

export function createInstancePool({ home, open, close, waitMs }: InstancePoolOptions): InstancePool {
  /** The home, while a request has it. */
  let atHome: Instance | undefined;
  const idle: Instance[] = [];
  const waiting: ((instance: Instance | string) => void)[] = [];
  const opened = new Set<Instance>();
  /** How many questions are open on each that has some. */
  const asking = new Map<Instance, number>();
  let isClosed = false;

  const wait = (signal: AbortLike | undefined): Promise<Instance | string> =>
    new Promise((resolve) => {
      const finish = (got: Instance | string): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        resolve(got);
      };
      const leave = (reason: string): void => {
        waiting.splice(waiting.indexOf(finish), 1);
        finish(reason);
      };
      const cancel = (): void => leave('the request was cancelled');
      const timer = setTimeout(() => leave(allAsking), waitMs);
      waiting.push(finish);
      signal?.addEventListener('abort', cancel, { once: true });
    });

  /** One that can be used now; a reason only where there is nothing to wait for. */
  const pick = (): Instance | string | undefined => {
    if (atHome === undefined) {
      atHome = home();
      if (atHome !== undefined) return atHome;
    }
    const free = idle.pop();
    if (free !== undefined) return free;
    if (opened.size >= maxInstances || opened.size - asking.size >= maxBusy) return undefined;
    const made = open();
    if (typeof made !== 'string') opened.add(made);
    else if (opened.size > 0 || atHome !== undefined) return undefined;
    return made;
  };
  const serveLine = (): void => {
    while (waiting.length > 0) {
      const next = pick();
      if (next === undefined) return;
      waiting.shift()?.(next);
    }
  };

  return {
    take(signal) {
      const picked = pick();
      if (picked !== undefined) return picked;
      if (waiting.length >= maxWaiting) return `more than ${maxWaiting} requests wait for one of its connections`;
      return wait(signal);
    },
    close() {
      isClosed = true;
      for (const instance of idle.splice(0)) if (opened.delete(instance)) close(instance);
      for (const finish of waiting.splice(0)) finish(poolClosed);
    },
    setAsking(instance, isAsking) {
      if (!opened.has(instance)) return;
      const questions = (asking.get(instance) ?? 0) + (isAsking ? 1 : -1);
      if (questions > 0) asking.set(instance, questions);
      else asking.delete(instance);
      serveLine();
    },
    giveBack(instance) {
      asking.delete(instance);
      if (instance === atHome) atHome = undefined;
      else if (!isClosed && !instance.isWorn()) idle.push(instance);
      else if (opened.delete(instance)) close(instance);
      serveLine();
    },
  };
}

const allAsking = 'all of its connections are taken by requests that wait for their clients’ answers; try again later';
const poolClosed = 'the configuration of its server has changed; try again';
