import type { ConnectionNotice } from './notices.ts';

/** News of the moment that one server may send on to its clients in a second: more than anybody reads. */
const mostPerSecond = 1_000;

/** Lets log messages of a server through, but no flood of them. */
export interface FloodGate {
  /** Whether a notice passes. */
  passes(notice: ConnectionNotice): boolean;
}

/** @param tell gets, in the next second in which anything comes, how many were left out: as a log message, for those who miss them */
export function createFloodGate(tell: (notice: ConnectionNotice) => void): FloodGate {
  let second = 0;
  let passed = 0;
  let leftOut = 0;
  return {
    passes({ method }) {
      if (method !== 'notifications/message') return true;
      const now = Math.floor(performance.now() / 1000);
      if (now !== second) {
        const missed = leftOut;
        second = now;
        passed = 0;
        leftOut = 0;
        if (missed > 0) tell({ method, params: leftOutOf(missed) });
      }
      if (++passed <= mostPerSecond) return true;
      leftOut += 1;
      return false;
    },
  };
}

function leftOutOf(count: number): ConnectionNotice['params'] {
  const data = `${count} log messages of this server were left out: it sends more than ${mostPerSecond} a second`;
  return { level: 'warning', logger: 'mcp-marshal', data };
}
