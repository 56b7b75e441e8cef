/**
 * What the README promises, word for word. A test that proves one carries its key in its title, as `[order]`;
 * `test/promises.test.ts` fails for a promise that no test proves or that the README does not make.
 */
export const promises = {
  order:
    'Calls of a batch that touch the same thing run in the order given: a read after a write sees what was written.',
  parallel: 'Calls that touch different things run side by side, as many as the limits allow.',
  'one-result': 'Every call of a batch gets exactly one result, at its index, by the deadline.',
  isolation: 'A call that fails, hangs or is refused does not touch its neighbours.',
  effect: 'Every result says what is known of its effect: `no`, `yes` or `unknown`. A write is sent at most once.',
  eras: 'Any client reaches any server, whichever era of the protocol either speaks, with every feature of MCP.',
  questions:
    "A server's question reaches the client whose call it belongs to, and no other; its call is sent once, however long the answer takes.",
  conformance: 'What the official conformance suite passes on a server, it passes through mcp-marshal in front of it.',
  apart: 'Over HTTP no client sees answers, questions or sessions of another.',
  clients: 'Two writes of one file never overlap, not even when two clients of one proxy send them.',
  policy:
    'One policy decides about every call, whether it comes in a batch, by itself or from the shell; a batch gets nothing past it.',
  asked:
    "A call that needs approval runs only after a person's explicit yes, for exactly these arguments of this tool as it is now, once.",
  lock: 'A tool that differs from the lock file is not called, whether it changed before the start or while running.',
  scopes: 'Over HTTP a client can do what its credentials allow, and what belongs to another is not there for it.',
  secrets:
    "No secret of the configuration, and no client's token, is written to a log, a journal, an error or a reply.",
  reach:
    'No request makes mcp-marshal start a program, open a file or call a host that the configuration does not name.',
  'no-wait':
    'A server that hangs or crashes delays no other: the tools of the others are listed within a second, on a first start within four.',
  transparent:
    "A tool called by itself is the upstream's own: arguments, result, progress, cancellation and `_meta` pass unchanged.",
  children:
    'However mcp-marshal ends, killed outright included, the servers that it started are gone two seconds later: stubborn ones, wrappers and their children too.',
  dependents:
    'A call that cannot run because another failed says which, and takes only those with it that depend on it.',
  rate: 'A server with a rate gets no more calls than that in any window of time, whoever sends them.',
  cache: 'A cached read is never older than the last conflicting write that passed through.',
  journal:
    'What can change something is on disk before it is sent. After a crash it is `unknown`, and is never sent again by itself.',
  key: 'A batch that is sent again under its idempotency key is not run again: it gets the same reply, or goes on where it was cut off.',
  background:
    'A batch that outlives its reply goes on, and `batch_await` brings the rest, also what was learnt late of a call that had timed out.',
  retry:
    'Nothing is sent twice but reads and what policy declares idempotent, and that only where the way to the server failed.',
  reload:
    'A changed configuration is taken over while running: servers that did not change keep their connections, and a wrong file changes nothing.',
  uninstall:
    "`install` changes nothing in a client's file but its own entry and what it switches off, and `--uninstall` puts every file back, byte for byte.",
  shipped: 'No policy that ships calls a tool a read whose server says that it destroys, or whose name does.',
  collector: 'A collector of traces and metrics that is slow, full or gone makes no call wait or fail.',
  stall: 'Neither a stall of the machine nor a jump of its clock makes a call time out that was answered in time.',
  configuration:
    'A wrong configuration starts nothing, and everything that is wrong with it is said at once, with the place and the mend.',
} as const;
