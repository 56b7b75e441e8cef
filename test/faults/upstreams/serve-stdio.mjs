import { createInterface } from 'node:readline';

/** A message a line, on stdin and stdout. */
export function serveStdio(protocol, { stubborn }, log) {
  const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const notify = send;
  if (!protocol.isModern) protocol.onChange(() => notify({ method: 'notifications/tools/list_changed' }));
  process.stdout.on('error', () => {});
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const message = JSON.parse(line);
      const { id, method, params } = message;
      if (method === 'notifications/cancelled') protocol.cancel(params.requestId);
      const wire = {
        answer: (result) => send({ id, result }),
        fail: (error) => send({ id, error }),
        raw: (text) => process.stdout.write(text),
        notify,
      };
      void Promise.resolve(protocol.handle(message, wire)).catch((error) => log('broke', { error: String(error) }));
    })
    .on('close', () => {
      if (!stubborn) process.exit(0);
    });
}
