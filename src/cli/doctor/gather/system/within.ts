/**
 * What the work comes to, or `late` after `limitMs`: a dead network drive or a socket that nobody reads can hold a look at it for
 * minutes. Never rejects.
 */
export async function within<T>(work: Promise<T>, { limitMs, late }: { limitMs: number; late: T }): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<T>((resolve) => (timer = setTimeout(() => resolve(late), limitMs)));
  try {
    return await Promise.race([work.catch(() => late), limit]);
  } finally {
    clearTimeout(timer);
  }
}
