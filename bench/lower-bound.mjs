// What no schedule can beat (design of the scheduler, §5), from the times that the calls took at their servers.

/**
 * @param jobs        per call: how long its server served it, and which server that was
 * @param pairs       [earlier, later] indices of calls that must not change places or overlap
 * @param maxParallel calls of the batch in flight at once
 * @param serverCaps  calls in flight per server; absent: as many as the batch has
 * @returns milliseconds, and the term that binds: the longest chain, the batch's slots, or a server's
 */
export function lowerBound({ jobs, pairs, maxParallel, serverCaps = {} }) {
  const heads = jobs.map(() => 0);
  const tails = jobs.map(() => 0);
  // By the later of each pair, heads are final before they are used; by the earlier, backwards, so are tails.
  for (const [earlier, later] of pairs.toSorted((a, b) => a[1] - b[1]))
    heads[later] = Math.max(heads[later], heads[earlier] + jobs[earlier].ms);
  for (const [earlier, later] of pairs.toSorted((a, b) => b[0] - a[0]))
    tails[earlier] = Math.max(tails[earlier], tails[later] + jobs[later].ms);

  const work = (indices, cap) =>
    least(indices.map((index) => heads[index])) +
    indices.reduce((sum, index) => sum + jobs[index].ms, 0) / cap +
    least(indices.map((index) => tails[index]));

  const all = jobs.map((_, index) => index);
  const terms = [
    { ms: Math.max(0, ...all.map((index) => heads[index] + jobs[index].ms)), binds: 'chain' },
    { ms: work(all, maxParallel), binds: `${maxParallel} slots` },
  ];
  for (const server of new Set(jobs.map(({ server }) => server))) {
    const ofServer = all.filter((index) => jobs[index].server === server);
    terms.push({ ms: work(ofServer, Math.min(serverCaps[server] ?? maxParallel, maxParallel)), binds: server });
  }
  // Of equal terms the first, so that a server without a cap of its own is never named.
  return terms.reduce((most, term) => (term.ms > most.ms + 1e-9 ? term : most));
}

function least(numbers) {
  return numbers.reduce((smallest, number) => Math.min(smallest, number), Infinity);
}
