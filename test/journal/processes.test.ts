import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { keyed, makeStateDir, openJournal, openReader } from './support.ts';

const root = join(import.meta.dirname, '../..');
let built: string;

/** Other processes run the program as it is built; here, from the sources as they are. */
beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'marshal-built-'));
  symlinkSync(join(root, 'node_modules'), join(built, 'node_modules'));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [
    tsc,
    '-p',
    join(root, 'tsconfig.build.json'),
    '--noCheck',
    '--outDir',
    join(built, 'dist'),
  ]);
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

/** What every child begins with. `say` tells the test. */
const prelude = (stateDir: string, file?: string): string => `
import { createJournal } from ${JSON.stringify(join(built, 'dist/journal/create-journal.js'))};
const say = (word) => process.stdout.write(word + '\\n');
const quiet = { error() {}, warn() {}, info() {}, debug() {}, child: () => quiet };
const config = { enabled: true, arguments: 'digest', keepMs: 1e9, maxBytes: 1e9, file: ${JSON.stringify(file)} };
const journal = createJournal({ config, stateDir: ${JSON.stringify(stateDir)}, now: Date.now, logger: quiet });
const head = (callId, batchId = 'b1') => ({
  batchId, callId, principal: 'stdio', server: 'files', tool: 'write_file', class: 'write', arguments: { nonce: callId },
});
const outcome = { status: 'ok', applied: 'yes', attempts: 1, queuedMs: 0, runMs: 1, startedMs: 0 };
`;

interface Child {
  process: ChildProcess;
  /** What it has said so far. */
  said: string[];
  /** Resolves when it has said so much. */
  until(lines: number): Promise<void>;
  gone: Promise<unknown>;
}

function start(code: string, { shell }: { shell?: string } = {}): Child {
  const args = ['--input-type=module', '-e', code];
  const child =
    shell === undefined
      ? spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
      : spawn('/bin/sh', ['-c', `${shell}; exec "$@"`, 'sh', process.execPath, ...args], {
          stdio: ['pipe', 'pipe', 'inherit'],
        });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  const gone = once(child, 'close');
  let wake = (): void => {};
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(line);
    wake();
  });
  const until = (lines: number): Promise<void> =>
    new Promise((resolve, reject) => {
      wake = () => said.length >= lines && resolve();
      wake();
      void gone.then(() => reject(new Error(`it ended after saying ${said.join(', ')}`)));
    });
  return { process: child, said, until, gone };
}

test('what was written before a SIGKILL is there after it, and nothing of it is open', async () => {
  const stateDir = makeStateDir();
  const child = start(`${prelude(stateDir)}
    journal.claim({ batchId: 'b1', principal: 'stdio', tool: 'batch_call', calls: 1e6, key: 'k', scope: 's', digest: 'd' });
    for (let turn = 0; ; turn++) {
      const calls = Array.from({ length: 4 }, (_, index) => turn * 4 + index);
      const begun = calls.map((call) => journal.begin(head('c' + call)));
      await Promise.all(begun.map(({ written }) => written));
      for (const call of calls) say('begun c' + call);
      begun[turn % 4].settle({ outcome });
    }`);
  await child.until(400);
  child.process.kill('SIGKILL');
  await child.gone;
  const begun = child.said.map((line) => line.replace('begun ', ''));
  const reader = openReader(stateDir);
  const before = reader.callsOf('b1');
  expect(before.every(({ status }) => status === 'ok' || status === 'interrupted')).toBe(true);
  expect(reader.batch('b1')).toMatchObject({ status: 'interrupted' });

  const { journal, lines } = openJournal(stateDir);
  expect(lines.join('')).toMatch(/interrupted/);
  const after = new Map(reader.callsOf('b1').map((call) => [call.callId, call]));
  for (const callId of begun) {
    const { status, applied } = after.get(callId) ?? {};
    expect([callId, status, applied]).toEqual([
      callId,
      ...(status === 'ok' ? ['ok', 'yes'] : ['interrupted', 'unknown']),
    ]);
  }
  const settled = [...after.values()].filter(({ status }) => status === 'ok');
  expect(settled.length).toBeGreaterThan(0);
  expect(reader.batch('b1')).toMatchObject({ status: 'interrupted' });
  const claim = journal.claim(keyed('b2', { key: 'k', scope: 's', digest: 'd' }));
  expect(claim).toMatchObject({ kind: 'interrupted', batchId: 'b1' });
  const recovered = claim.kind === 'interrupted' ? claim.calls : new Map();
  expect(begun.filter((callId) => !recovered.has(callId))).toEqual([]);
  expect([...recovered.values()].filter(({ outcome }) => outcome !== undefined)).toHaveLength(settled.length);
});

test('a file is held as long as its process lives, and free when that is killed', async () => {
  const stateDir = makeStateDir();
  const file = join(stateDir, 'own.db');
  const child = start(`${prelude(stateDir, file)}
    await journal.begin(head('c0')).written;
    say(journal.problem() ?? 'open');
    process.stdin.resume();`);
  await child.until(1);
  expect(child.said).toEqual(['open']);
  const { journal } = openJournal(stateDir, { file });
  expect(journal.problem()).toBe(`${file} is held by process ${child.process.pid}`);
  const reader = openReader(stateDir, file);
  expect(reader.calls({ limit: 1 })).toMatchObject([{ status: 'running' }]);
  child.process.kill('SIGKILL');
  await child.gone;
  expect(reader.calls({ limit: 1 })).toMatchObject([{ status: 'interrupted', applied: 'unknown' }]);
  expect(openJournal(stateDir, { file }).journal.problem()).toBeUndefined();
});

test('a file that others only ask about is never said to be held', async () => {
  const stateDir = makeStateDir();
  const file = join(stateDir, 'own.db');
  await openJournal(stateDir, { file }).journal.close();
  const child = start(`
    import { isLocked } from ${JSON.stringify(join(built, 'dist/journal/file/file-lock.js'))};
    import { loadSqlite } from ${JSON.stringify(join(built, 'dist/journal/sqlite/load-sqlite.js'))};
    const sqlite = loadSqlite();
    process.stdout.write('asking\\n');
    for (;;) isLocked(sqlite, ${JSON.stringify(file)});`);
  await child.until(1);
  const said: (string | undefined)[] = [];
  for (let turn = 0; turn < 50; turn++) {
    const { journal } = openJournal(stateDir, { file });
    said.push(journal.problem());
    await journal.close();
  }
  child.process.kill('SIGKILL');
  expect(said.filter((problem) => problem !== undefined)).toEqual([]);
});

test('a batch with a key is not refused because others, on a busy machine, take half a second before it', async () => {
  const stateDir = makeStateDir();
  const { journal } = openJournal(stateDir);
  const child = start(`
    import { takeLock } from ${JSON.stringify(join(built, 'dist/journal/file/file-lock.js'))};
    import { loadSqlite } from ${JSON.stringify(join(built, 'dist/journal/sqlite/load-sqlite.js'))};
    const turn = takeLock(loadSqlite(), ${JSON.stringify(join(stateDir, 'journal/claims'))}, { waitMs: 0 });
    process.stdout.write('held\\n');
    setTimeout(() => turn.release(), 500);`);
  await child.until(1);
  expect(journal.claim(keyed('b1'))).toEqual({ kind: 'new' });
});

test('a key whose process was killed is another’s at once, with what is known of the calls', async () => {
  const stateDir = makeStateDir();
  const { journal } = openJournal(stateDir);
  const child = start(`${prelude(stateDir)}
    journal.claim({ batchId: 'b1', principal: 'stdio', tool: 'batch_call', calls: 2, key: 'k', scope: 's', digest: 'd' });
    const done = journal.begin(head('c0'));
    done.settle({ outcome });
    await journal.begin(head('c1')).written;
    say('begun');
    process.stdin.resume();`);
  await child.until(1);
  const batch = keyed('b2', { key: 'k', scope: 's', digest: 'd' });
  expect(journal.claim(batch)).toEqual({ kind: 'conflict', batchId: 'b1' });
  child.process.kill('SIGKILL');
  await child.gone;
  const claim = journal.claim(batch);
  expect(claim).toMatchObject({ kind: 'interrupted', batchId: 'b1' });
  const calls = claim.kind === 'interrupted' ? [...claim.calls] : [];
  expect(calls).toMatchObject([
    ['c0', { class: 'write', outcome: { status: 'ok' } }],
    ['c1', { class: 'write' }],
  ]);
  expect(calls[1]?.[1].outcome).toBeUndefined();
});

test('two processes that ask for one key at once do not both get it', async () => {
  const stateDir = makeStateDir();
  const code = `${prelude(stateDir)}
    say('ready');
    process.stdin.once('data', async () => {
      for (let key = 0; key < 100; key++) {
        const batch = { batchId: process.pid + '-' + key, principal: 'stdio', tool: 'batch_call', calls: 1 };
        say(key + ' ' + journal.claim({ ...batch, key: String(key), scope: 's', digest: 'd' }).kind);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
      }
    });`;
  const children = [start(code), start(code)];
  await Promise.all(children.map((child) => child.until(1)));
  for (const child of children) child.process.stdin?.write('go\n');
  await Promise.all(children.map((child) => child.until(101)));
  const claims = children.flatMap(({ said }) => said.slice(1));
  // Who cannot have its turn in time is told so, and has nothing.
  expect(new Set(claims.map((claim) => claim.split(' ')[1]).filter((kind) => kind !== 'unrecorded'))).toEqual(
    new Set(['new', 'conflict']),
  );
  for (let key = 0; key < 100; key++) {
    expect(claims.filter((claim) => claim === `${key} new`).length).toBeLessThanOrEqual(1);
  }
});

test('a full disk is a problem that says so; reads go on, nothing throws, and what is there stays whole', async () => {
  const stateDir = makeStateDir();
  mkdirSync(stateDir);
  // A limit to the size of files, which is met as a full disk is: by a write that fails.
  const child = start(
    `process.on('SIGXFSZ', () => {});
    process.on('unhandledRejection', () => say('rejected'));
    ${prelude(stateDir)}
    let reason, turn = 0;
    for (; reason === undefined && turn < 10_000; turn++) reason = await journal.begin(head('c' + turn)).written;
    say(turn - 1);
    say(reason);
    say(journal.problem() === reason);
    journal.begin({ ...head('r'), class: 'read' }).settle({ outcome });
    say(await journal.begin(head('late')).written === reason);
    await journal.close();
    say('closed');`,
    { shell: 'ulimit -f 2000' },
  );
  await child.gone;
  const [written, reason, ...rest] = child.said;
  expect(Number(written)).toBeGreaterThan(10);
  expect(reason).toMatch(/journal-1\.db cannot be written: |the disk is full: .*journal-1\.db cannot be written/);
  expect(rest).toEqual(['true', 'true', 'closed']);
  expect(openJournal(stateDir).journal.problem()).toBeUndefined();
  const kept = openReader(stateDir).callsOf('b1');
  expect(kept.length).toBeGreaterThanOrEqual(Number(written));
});

test('a reader sees what another process writes, while it writes', async () => {
  const stateDir = makeStateDir();
  const child = start(`${prelude(stateDir)}
    for (let turn = 0; ; turn++) {
      const call = journal.begin(head('c' + turn));
      await call.written;
      say(turn);
      call.settle({ outcome });
    }`);
  await child.until(1);
  const reader = openReader(stateDir);
  for (let turn = 1; turn < 10; turn++) {
    await child.until(turn * 50);
    const written = child.said.length;
    const ids = new Set(reader.calls({ limit: 1_000_000 }).map(({ callId }) => callId));
    for (let index = 0; index < written; index++) expect(ids.has(`c${index}`)).toBe(true);
  }
  expect(reader.problems()).toEqual([]);
  child.process.kill('SIGKILL');
});
