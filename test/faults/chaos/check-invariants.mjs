// What must hold after the chaos, whatever happened in it. Pure: what the servers did, what the client was told, what the journal says.

/**
 * @param evidence `logs`: lines of all servers; `told`: nonce → { tool, ends }; `calls`, `batches`: of the journal, with arguments
 * @returns one line per breach; [] where everything held
 */
export function checkInvariants({ logs, told, calls, batches }) {
  const breaches = [];
  const starts = countBy(logs.filter(({ event }) => event === 'start'));
  const effects = countBy(logs.filter(({ event }) => event === 'effect'));
  const unknownNonce = [...starts.keys()].find((nonce) => !told.has(nonce));
  if (unknownNonce !== undefined) breaches.push(`a server was sent ${unknownNonce}, which nobody asked for`);

  for (const [nonce, { tool, ends }] of told) {
    const [sent, done] = [starts.get(nonce) ?? 0, effects.get(nonce) ?? 0];
    if (tool === 'write' && sent > 1) breaches.push(`${nonce} was sent ${sent} times`);
    for (const { status, applied, isLate } of ends) {
      if (status === 'ok' && done === 0)
        breaches.push(`${nonce} was reported ok${isLate ? ' late' : ''}, and no server did it`);
      // What is pending may be sent yet.
      if (applied === 'no' && done > 0 && status !== 'pending')
        breaches.push(`${nonce} was reported ${status}, applied no, and was done`);
      if (status === 'ok' && applied !== 'yes') breaches.push(`${nonce} was reported ok, applied ${applied}`);
    }
  }

  for (const call of calls) {
    const nonce = call.arguments?.nonce;
    const name = `journal: ${call.batchId}/${call.callId} (${nonce})`;
    if (nonce === undefined || !told.has(nonce)) {
      breaches.push(`${name} is of no call that was made`);
      continue;
    }
    if (call.status === 'running') breaches.push(`${name} is still running`);
    if (call.status === 'interrupted' && call.applied !== 'unknown')
      breaches.push(`${name} was interrupted, applied ${call.applied}`);
    if (call.status === 'ok' && !effects.has(nonce)) breaches.push(`${name} is ok, and no server did it`);
    if (call.applied === 'no' && effects.has(nonce))
      breaches.push(`${name} is ${call.status}, applied no, and was done`);
  }
  const journaled = new Set(calls.map((call) => call.arguments?.nonce));
  for (const nonce of starts.keys())
    if (!journaled.has(nonce)) breaches.push(`${nonce} was sent, and the journal has nothing of it`);

  const ended = new Map();
  for (const { batchId, status } of batches) {
    ended.set(batchId, (ended.get(batchId) ?? 0) + 1);
    if (status === 'running') breaches.push(`batch ${batchId} has no terminal record`);
  }
  for (const [batchId, count] of ended) if (count !== 1) breaches.push(`batch ${batchId} has ${count} records`);
  for (const [, { ends }] of told) {
    for (const { batchId, status } of ends) {
      const isRun = batchId !== undefined && status !== 'invalid';
      if (isRun && !ended.has(batchId))
        breaches.push(`batch ${batchId} was answered, and the journal has nothing of it`);
    }
  }
  return [...new Set(breaches)];
}

/** nonce → how often. */
function countBy(lines) {
  const counts = new Map();
  for (const { nonce } of lines) if (nonce !== undefined) counts.set(nonce, (counts.get(nonce) ?? 0) + 1);
  return counts;
}
