// The streams that answers leave by: stdout, or the sockets of an HTTP server.

// Everything written within this time after `holdOutput` leaves in one write. Long enough for an SDK to get its answer out.
const holdMs = 20;

const outputs = new Set();

export function addOutput(stream) {
  outputs.add(stream);
  stream.once('close', () => outputs.delete(stream));
}

/** Makes what is written from now on, to whichever client, arrive in one read. */
export function holdOutput() {
  const held = [...outputs];
  for (const stream of held) stream.cork();
  setTimeout(() => {
    for (const stream of held) stream.uncork();
  }, holdMs);
}
