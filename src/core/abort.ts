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
export class Aborter implements AbortLike {
  aborted = false;
  private listeners: (() => void)[] = [];

  addEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const position = this.listeners.indexOf(listener);
    if (position !== -1) this.listeners.splice(position, 1);
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of this.listeners.splice(0)) listener();
  }
}
