// A generator of load in a process of its own, so that what it costs is not taken from the program that is measured.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a generator by its name with `options`, and resolves with what it returns. */
export async function inOwnProcess(name, options) {
  const child = fork(fileURLToPath(new URL('./own-process.mjs', import.meta.url)), [name]);
  return new Promise((resolve, reject) => {
    child.once('message', ({ value, error }) => (error === undefined ? resolve(value) : reject(new Error(error))));
    child.once('exit', (code) => reject(new Error(`the generator ${name} ended early, with ${code}`)));
    child.send(options);
  });
}
