// A program that serves HTTP, started and waited for.
import { spawn } from 'node:child_process';
import { createServer, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const patienceMs = 15_000;

/**
 * Starts the program that `program` names for a port that is free, and waits until it takes connections there.
 * @param program function of the port: { command, args, env }
 * @returns its `url`, `port` and `pid`, and `close`, which ends it by its id and waits until it has gone
 */
export async function startListener(program) {
  const port = await freePort();
  const { command, args, env } = program(port);
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  let said = '';
  // Read to the end, or the program stops at a full pipe; the beginning says why it did not start.
  child.stderr.setEncoding('utf8').on('data', (chunk) => (said = `${said}${chunk}`.slice(0, 4_000)));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const close = async () => {
    child.kill('SIGTERM');
    const killed = setTimeout(() => child.kill('SIGKILL'), 8_000);
    await exited;
    clearTimeout(killed);
  };
  for (let waitedMs = 0; !(await takesConnections(port)); waitedMs += 50) {
    if (child.exitCode === null && waitedMs < patienceMs) await sleep(50);
    else {
      await close();
      throw new Error(`${[command, ...args].join(' ')} does not listen: ${said}`);
    }
  }
  return { url: `http://127.0.0.1:${port}/mcp`, port, pid: child.pid, close };
}

/** Not every program can be told to choose one and say which. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function takesConnections(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
