// A raw client over the two pipes of a child process.

/** Requests by ids from 0 on; notifications are kept with the time at which they came. */
export function openStdioSession(child) {
  const waiting = new Map();
  const notices = [];
  let lastId = -1;
  let isOver = false;
  let rest = [];

  const take = (line) => {
    if (line === '') return;
    const message = JSON.parse(line);
    if (message.method !== undefined) {
      if (message.id === undefined) notices.push({ at: performance.now(), ...message });
      return;
    }
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  };
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    const [first, ...more] = chunk.split('\n');
    rest.push(first);
    for (const next of more) {
      take(rest.join(''));
      rest = [next];
    }
  });
  child.stdin.on('error', () => {});
  const end = () => {
    isOver = true;
    for (const resolve of waiting.values()) resolve({ error: { message: 'the program has ended' }, isOver: true });
    waiting.clear();
  };
  child.stdout.once('close', end);
  child.once('close', end);
  const send = (message) => void (isOver || child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`));

  return {
    notices,
    send,
    nextId: () => lastId + 1,
    request(method, params = {}) {
      const id = ++lastId;
      const sentMs = performance.now();
      return new Promise((resolve) => {
        if (isOver) return resolve({ error: { message: 'the program has ended' }, isOver, tookMs: 0 });
        waiting.set(id, (message) =>
          resolve({ ...message, tookMs: performance.now() - sentMs, sentMs, endedMs: performance.now() }),
        );
        send({ id, method, params });
      });
    },
    async open() {
      const clientInfo = { name: 'faults', version: '1.0.0' };
      const answer = await this.request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
      send({ method: 'notifications/initialized' });
      return answer;
    },
  };
}
