// The least that a process between client and server can do: `node byte-copier.mjs COMMAND ARGS…` passes bytes both ways, unread.
import { spawn } from 'node:child_process';

const [command, ...args] = process.argv.slice(2);
const server = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
process.stdin.on('data', (bytes) => server.stdin.write(bytes));
server.stdout.on('data', (bytes) => process.stdout.write(bytes));
process.stdin.on('end', () => server.stdin.end());
server.on('exit', () => process.exit());
