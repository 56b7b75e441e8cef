/**
 * Has `begin` called for one item after the other: an item that is added while another is being begun waits for its turn. Where one
 * thing leads to the next, a long chain then runs as a loop and not out of stack.
 */
export function takeTurns<T>(begin: (item: T) => void): (item: T) => void {
  const waiting: T[] = [];
  return (item) => {
    waiting.push(item);
    if (waiting.length > 1) return;
    for (let next = 0; next < waiting.length; next++) begin(waiting[next]!);
    waiting.length = 0;
  };
}
