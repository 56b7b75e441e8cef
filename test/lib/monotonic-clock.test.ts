import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { createMonotonicClock } from '../../src/lib/monotonic-clock.ts';

const children: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A server that says `ready`, answers each line after so many milliseconds, and then makes the file `answered`. */
async function startServer(delayMs: number, { answered }: { answered: string }) {
  const answer = `process.stdout.write('answer', () => require('node:fs').writeFileSync(${JSON.stringify(answered)}, ''))`;
  const program = `process.stdin.on('data', () => setTimeout(() => ${answer}, ${delayMs})); process.stdout.write('ready')`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

/** Holds the event loop up, as a long computation does, and until something has happened elsewhere. */
function stall(ms: number, isOver = (): boolean => true): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs || !isOver());
}

const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('after a stall of the event loop', () => {
  test('[stall] an answer that came in time wins over its timeout', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'marshal-clock-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const answered = join(folder, 'answered');
    const server = await startServer(20, { answered });
    const clock = createMonotonicClock();
    const happened: string[] = [];
    server.stdout.once('data', () => {
      happened.push('answer');
      clearTimeout();
    });
    server.stdin.write('call\n');
    const clearTimeout = clock.after(300, () => happened.push('timeout'));
    // The request goes out before the stall.
    await pass(10);
    stall(400, () => existsSync(answered));
    await pass(200);
    expect(happened).toEqual(['answer']);
  });

  test('a timer that nothing has made needless fires all the same', async () => {
    const happened: string[] = [];
    createMonotonicClock().after(10, () => happened.push('timeout'));
    stall(200);
    await expect.poll(() => happened).toEqual(['timeout']);
  });

  test('a timer that is cleared between its lateness and its firing does not fire', async () => {
    const clock = createMonotonicClock();
    const happened: string[] = [];
    const clear = clock.after(10, () => happened.push('timeout'));
    // Both are late after the stall, and come one after the other in the same round.
    setTimeout(clear, 20);
    stall(200);
    await pass(50);
    expect(happened).toEqual([]);
  });
});

test('a timer that is on time fires in its own turn, and one that is cleared never', async () => {
  const clock = createMonotonicClock();
  const happened: string[] = [];
  clock.after(20, () => happened.push('first'));
  clock.after(10, () => happened.push('cleared'))();
  clock.after(40, () => happened.push('second'));
  await expect.poll(() => happened).toEqual(['first', 'second']);
});
