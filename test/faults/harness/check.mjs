// What a row holds the program to. A Fault is a promise that was not kept, in words; any other error is a mistake of the row.
import { setTimeout as sleep } from 'node:timers/promises';

export class Fault extends Error {}

/** @param {unknown} holds @param {string} otherwise what is wrong where it does not hold */
export function check(holds, otherwise) {
  if (!holds) throw new Fault(otherwise);
}

/** Two values that are equal as JSON. */
export function checkEqual(found, expected, what) {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  if (left !== right) throw new Fault(`${what}: expected ${right}, found ${left?.slice(0, 600)}`);
}

/** A figure within bounds, both included. */
export function checkWithin(figure, { atLeast = -Infinity, atMost = Infinity }, what) {
  const bounds = [atLeast > -Infinity && `at least ${round(atLeast)}`, atMost < Infinity && `at most ${round(atMost)}`];
  if (!(figure >= atLeast && figure <= atMost))
    throw new Fault(`${what}: ${round(figure)}, not ${bounds.filter(Boolean).join(' and ')}`);
  return figure;
}

/** Looks every few milliseconds until something holds, and resolves with what `look` gave. */
export async function until(look, { withinMs, what, everyMs = 5 }) {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > endMs)
      throw new Fault(`${typeof what === 'function' ? what() : what} within ${withinMs} ms`);
    await sleep(everyMs);
  }
}

export function median(figures) {
  return percentile(figures, 0.5);
}

/** Nearest rank. */
export function percentile(figures, share) {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

export const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
export const millis = (ms) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
export const megabytes = (bytes) => `${Math.round(bytes / 1024 / 1024)} MB`;

const round = (figure) => (Number.isInteger(figure) ? figure : Number(figure.toFixed(2)));
