/** Values in the order in which they came; each can be taken out from anywhere, in constant time, however many there are. */
export interface Fifo<T> {
  /** Returns what takes the value out again; a second time does nothing. */
  push(value: T): () => void;
  /** The oldest. */
  first(): T | undefined;
  values(): T[];
  size(): number;
}

/**
 * A `Set` would do but for its front: V8 leaves holes where values were deleted, and walks over all of them on the way to the oldest.
 */
export function createFifo<T>(): Fifo<T> {
  let head: Node<T> | undefined;
  let tail: Node<T> | undefined;
  let size = 0;

  const takeOut = (node: Node<T>): void => {
    if (node.isOut) return;
    node.isOut = true;
    size--;
    if (node.older === undefined) head = node.newer;
    else node.older.newer = node.newer;
    if (node.newer === undefined) tail = node.older;
    else node.newer.older = node.older;
  };

  return {
    push(value) {
      const node: Node<T> = { value, older: tail, newer: undefined, isOut: false };
      if (tail === undefined) head = node;
      else tail.newer = node;
      tail = node;
      size++;
      return () => takeOut(node);
    },
    first: () => head?.value,
    values() {
      const values: T[] = [];
      for (let node = head; node !== undefined; node = node.newer) values.push(node.value);
      return values;
    },
    size: () => size,
  };
}

interface Node<T> {
  value: T;
  older: Node<T> | undefined;
  newer: Node<T> | undefined;
  isOut: boolean;
}
