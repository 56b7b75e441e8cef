import { createServer } from 'node:http';
import { addOutput } from './output.mjs';

/** Listens on a free port, prints `{ "url": … }`, and ends the process when its input ends. `serve` gets request, response and URL. */
export function listen({ path, serve }) {
  const server = createServer((request, response) => {
    const url = new URL(request.url, `http://${request.headers.host}`);
    Promise.resolve(serve(request, response, url)).catch((error) => {
      process.stderr.write(`${error.stack}\n`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.on('connection', addOutput);
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${server.address().port}${path}` })}\n`);
  });
  process.stdin.resume().on('end', () => process.exit(0));
}
