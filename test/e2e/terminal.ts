import { spawn } from '@lydell/node-pty';

/** One thing that a terminal showed: seconds since the start, and the text. */
type Shown = readonly [atSeconds: number, text: string];

/** A shell in a terminal of its own, and everything that it shows. */
export interface Terminal {
  /** Types a line and Enter, and waits for the next prompt, with the answers to questions on the way. */
  run: (line: string, answers?: readonly Answer[]) => Promise<string>;
  /** The recording so far, in the form of asciinema (asciicast, version 2). */
  recording: (hide: (text: string) => string) => string;
  seconds: () => number;
  close: () => void;
}

/** What is typed once the terminal shows something. */
interface Answer {
  when: RegExp;
  keys: string;
}

const columns = 100;
const rows = 30;
/** No prompt after this long: something waits for ever. */
const patienceMs = 120_000;
const prompt = '$ ';

export function openTerminal({ cwd, env }: { cwd: string; env: Record<string, string> }): Terminal {
  const startedMs = performance.now();
  const seconds = (): number => (performance.now() - startedMs) / 1000;
  const shown: Shown[] = [];
  let text = '';
  const listeners = new Set<() => void>();
  const child = spawn('bash', ['--norc', '--noprofile'], {
    cwd,
    cols: columns,
    rows,
    env: { ...env, PS1: prompt, TERM: 'xterm-256color', BASH_SILENCE_DEPRECATION_WARNING: '1' },
  });
  child.onData((chunk) => {
    shown.push([seconds(), chunk]);
    text += chunk;
    for (const listener of listeners) listener();
  });
  const until = (find: () => boolean, what: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => end(new Error(`no ${what} in ${patienceMs} ms; shown:\n${text}`)), patienceMs);
      const end = (error?: Error): void => {
        clearTimeout(timer);
        listeners.delete(look);
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = (): void => void (find() && end());
      listeners.add(look);
      look();
    });
  return {
    seconds,
    async run(line, answers = []) {
      await until(() => text.endsWith(prompt), 'prompt');
      const from = text.length;
      child.write(`${line}\r`);
      let read = from;
      for (const { when, keys } of answers) {
        await until(() => when.test(text.slice(read)), String(when));
        read = text.length;
        child.write(keys);
      }
      await until(() => text.slice(read).includes('\n') && text.endsWith(prompt), 'prompt');
      return text.slice(from);
    },
    recording(hide) {
      const header = { version: 2, width: columns, height: rows, title: 'From nothing to the first batch' };
      return [header, ...shown.map(([at, chunk]) => [Math.round(at * 1000) / 1000, 'o', hide(chunk)])]
        .map((part) => `${JSON.stringify(part)}\n`)
        .join('');
    },
    close: () => child.kill(),
  };
}
