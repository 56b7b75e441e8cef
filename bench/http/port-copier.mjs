// The least that a process between client and server can do over HTTP: `node port-copier.mjs PORT TARGET` passes bytes both ways, unread.
import { connect, createServer } from 'node:net';

const [port, target] = process.argv.slice(2).map(Number);
createServer({ noDelay: true }, (client) => {
  const server = connect({ port: target, host: '127.0.0.1', noDelay: true });
  for (const socket of [client, server]) socket.on('error', () => {});
  client.on('close', () => server.destroy()).pipe(server);
  server.on('close', () => client.destroy()).pipe(client);
}).listen(port, '127.0.0.1');
