// The processes of a run: what was started is ended, whatever happened in between.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

// A program that starts has a second's work to do; on a loaded machine that takes a few.
const startLimitMs = 20_000;
// How long a program has to end by itself.
const endLimitMs = 6_000;
// The end of what a program wrote to stderr, kept for messages.
const maxLines = 40;

/** Starts programs and remembers them. `endAll` ends what still runs, by its id. */
export function createPrograms() {
  const running = new Set();
  const remember = (child) => {
    running.add(child);
    child.once('close', () => running.delete(child));
    // A program that has gone does not read what we still send.
    child.stdin.on('error', () => {});
  };

  return {
    /**
     * Starts Node with these arguments and waits for the first line of JSON, on `stdout` or `stderr`, that `pick` makes something of.
     * Rejects, with what the program wrote to stderr, where it ends or says nothing in time.
     */
    async start(args, { from, pick, cwd }) {
      const child = spawn(process.execPath, args, { cwd, stdio: 'pipe' });
      remember(child);
      const errors = [];
      const failed = (what) => new Error([`${args.join(' ')} ${what}`, ...errors].join('\n'));
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(failed('has not started in time')), startLimitMs);
        child.once('error', reject);
        child.once('close', (code) => {
          clearTimeout(timer);
          reject(failed(`ended with ${code}`));
        });
        for (const name of ['stdout', 'stderr']) {
          createInterface({ input: child[name] }).on('line', (line) => {
            if (name === 'stderr' && errors.push(line) > maxLines) errors.shift();
            const picked = name === from ? pick(toObject(line)) : undefined;
            if (picked === undefined) return;
            clearTimeout(timer);
            resolve(picked);
          });
        }
      });
    },

    /** Runs a program to its end; resolves with its exit code and what it wrote, or with `isLate` where it had to be ended. */
    async run(command, args, { cwd, limitMs }) {
      const child = spawn(command, args, { cwd, stdio: 'pipe' });
      remember(child);
      const written = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr']) {
        child[name].setEncoding('utf8').on('data', (chunk) => (written[name] += chunk));
      }
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        void end(child);
      }, limitMs);
      try {
        const [code] = await once(child, 'close');
        return { code, isLate, ...written };
      } finally {
        clearTimeout(timer);
      }
    },

    /** Also ends what is started meanwhile. */
    async endAll() {
      while (running.size > 0) await Promise.all([...running].map(end));
    },
  };
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const closed = once(child, 'close');
  const timer = setTimeout(() => child.kill('SIGKILL'), endLimitMs);
  child.stdin.end();
  child.kill('SIGTERM');
  await closed;
  clearTimeout(timer);
}

function toObject(line) {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}
