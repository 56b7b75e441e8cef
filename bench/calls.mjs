// The calls that the benchmark makes: tools of bench/upstream.mjs, what each touches, and which of two must keep their order.
// The program under test has its own idea of this, from its policy; this one is what it is judged by.

/** Whatever stands on its server. */
const everything = '/';

/** @returns a call of the benchmark: a tool of a server, its arguments, and how long it is to take */
function call(server, tool, args) {
  return { server, tool, args };
}

export const read = (server, key, ms, rest = {}) => call(server, 'read', { key, ms, ...rest });
export const write = (server, key, ms, rest = {}) => call(server, 'write', { key, ms, ...rest });
export const move = (server, source, destination, ms) => call(server, 'move', { source, destination, ms });
/** A call of a tool that says nothing of what it does: no hint, no rule. Number 0 to 7. */
export const unannotated = (server, number, ms) => call(server, `tool_${number}`, { ms });

/** What a call reads or writes. Keys are paths: one touches all that is below it, and a tool without a key everything. */
export function touchesOf({ tool, args }) {
  if (tool === 'read') return [{ key: args.key, mode: 'read' }];
  if (tool === 'write') return [{ key: args.key, mode: 'write' }];
  if (tool === 'move') return [args.source, args.destination].map((key) => ({ key, mode: 'write' }));
  return [{ key: everything, mode: 'write' }];
}

/** Whether a key is another, or stands below it. */
export function isWithin(key, other) {
  return key === other || key.startsWith(other.endsWith('/') ? other : `${other}/`);
}

export function overlaps(a, b) {
  return isWithin(a, b) || isWithin(b, a);
}

/** Pairs [earlier, later] of indices that touch the same thing, at least one of them to change it: their order is the program's. */
export function conflictPairs(calls) {
  const touches = calls.map(touchesOf);
  const conflict = (i, j) =>
    touches[i].some((a) =>
      touches[j].some((b) => (a.mode === 'write' || b.mode === 'write') && overlaps(a.key, b.key)),
    );
  const pairs = [];
  calls.forEach(({ server }, later) => {
    for (let earlier = 0; earlier < later; earlier++)
      if (calls[earlier].server === server && conflict(earlier, later)) pairs.push([earlier, later]);
  });
  return pairs;
}
