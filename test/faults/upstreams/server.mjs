// A server that misbehaves on demand, over stdio or HTTP, in raw JSON-RPC. Its one argument is a JSON object of options:
//   transport    'stdio' (default) or 'http', on `port` of 127.0.0.1 (0: any; printed as one line { "port": N })
//   era          'legacy' (default: refuses server/discover) or 'modern' (2026-07-28 alone)
//   log          the file to which it appends what it really did, a JSON line each (see log.mjs)
//   mark         a word in its command line and log, by which its processes are found
//   hangs        never answers a handshake
//   crashMs      ends with code 1 so long after its start
//   stubborn     ignores the end of its input and SIGTERM
//   grandchild   starts a process in a session of its own that ignores SIGTERM
//   schemaOrigin where the remote $ref of the tool `remote_ref` points to
//   hostile      lists the tools with hostile schemas, too
// Its tools and what they do: tools.mjs, and the faults of each transport: stdio-faults.mjs, http-faults.mjs.
import { spawn } from 'node:child_process';
import { createLog } from './log.mjs';
import { createProtocol } from './protocol.mjs';
import { serveHttp } from './serve-http.mjs';
import { serveStdio } from './serve-stdio.mjs';

const options = { transport: 'stdio', era: 'legacy', ...JSON.parse(process.argv[2] ?? '{}') };
const log = createLog(options);
log('up');

if (options.stubborn) {
  process.on('SIGTERM', () => log('term'));
  setInterval(() => {}, 1000);
}
if (options.grandchild) {
  const program = "process.on('SIGTERM', () => {}); setTimeout(() => {}, 120000)";
  const child = spawn(process.execPath, ['-e', program, options.mark ?? 'grandchild'], {
    stdio: 'ignore',
    detached: true,
  });
  log('grandchild', { child: child.pid });
}
if (options.crashMs !== undefined) setTimeout(() => process.exit(1), options.crashMs);

const protocol = createProtocol(options, log);
if (options.transport === 'http') serveHttp(protocol, options, log);
else serveStdio(protocol, options, log);
