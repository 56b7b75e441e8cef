import type { AbortLike } from '../../core/abort.ts';
import type { Instance } from '../instance/instance.ts';

/** Enough for the overlap of a few people at a time; each may be a process. */
const maxInstances = 8;
/** Requests in line for one; more would wait longer than their clients do. */
const maxWaiting = 1000;

/** Connections to one server that serve one request at a time, of clients that cannot be told apart otherwise. */
export interface InstancePool {
  /** One that is idle, or why there is none. Every one is given back. */
  take(signal: AbortLike | undefined): Instance | string | Promise<Instance | string>;
  giveBack(instance: Instance): void;
}

export interface InstancePoolOptions {
  /**
   * The connection by which the clients hear of what belongs to no request, if nobody else uses it now. It goes before all others: what
   * a request changes there, they hear of.
   */
  home: () => Instance | undefined;
  /** A further connection, or why there can be none. */
  open: () => Instance | string;
  /** How long a request waits for one that is idle: each may be waiting for a person, who may never come back. */
  waitMs: number;
}

export function createInstancePool({ home, open, waitMs }: InstancePoolOptions): InstancePool {
  /** The home, while a request has it. */
  let atHome: Instance | undefined;
  const idle: Instance[] = [];
  const waiting: ((instance: Instance | string) => void)[] = [];
  let opened = 0;

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

  return {
    take(signal) {
      if (atHome === undefined) {
        atHome = home();
        if (atHome !== undefined) return atHome;
      }
      const free = idle.pop();
      if (free !== undefined) return free;
      if (opened < maxInstances) {
        const made = open();
        if (typeof made !== 'string') opened += 1;
        if (typeof made !== 'string' || (opened === 0 && atHome === undefined)) return made;
      }
      if (waiting.length >= maxWaiting) return `more than ${maxWaiting} requests wait for one of its connections`;
      return wait(signal);
    },
    giveBack(instance) {
      const next = waiting.shift();
      if (next !== undefined) next(instance);
      else if (instance === atHome) atHome = undefined;
      else idle.push(instance);
    },
  };
}

const allAsking = 'all of its connections are taken by requests that wait for their clients’ answers; try again later';
