/**
 * The part of `AbortSignal` that calls use. A real signal fits. Every passthrough call needs two, and a pair of `AbortController`s
 * costs a tenth of the whole call (`npm run bench`), so the path of a call makes its own.
 */
export interface AbortLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** An `AbortLike` and the power to abort it. Listeners are called once, in the order in which they came. */
export interface Aborter extends AbortLike {
  abort(): void;
}

export function createAborter(): Aborter {
  let aborted = false;
  let listeners: (() => void)[] = [];
  return {
    get aborted() {
      return aborted;
    },
    addEventListener(_type, listener) {
      listeners.push(listener);
    },
    removeEventListener(_type, listener) {
      if (listeners.length > 0) listeners = listeners.filter((other) => other !== listener);
    },
    abort() {
      if (aborted) return;
      aborted = true;
      const called = listeners;
      listeners = [];
      for (const listener of called) listener();
    },
  };
}
