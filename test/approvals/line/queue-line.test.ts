import { chmodSync, mkdirSync, mkdtempSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createApprovalDesk, type OwnedApprovalDesk } from '../../../src/approvals/create-approval-desk.ts';
import { connectLine, type LineEvent, type QueueCaller } from '../../../src/approvals/line/connect-line.ts';
import { listAddresses, queuePlaceOf } from '../../../src/approvals/line/queue-place.ts';
import { createLogger } from '../../../src/lib/logger.ts';
import { eventually } from '../../eventually.ts';
import { createVirtualClock, type VirtualClock } from '../../schedule/virtual-clock.ts';
import { ann, makeSubject } from '../make-subject.ts';

const from = { batchId: '7f3a91', callId: 'c0' };
const closing: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

interface Proxy {
  desk: OwnedApprovalDesk;
  clock: VirtualClock;
  stateDir: string;
  address: string;
  logs: string[];
}

/** A desk that has opened its socket, as `serve` does a second after its start. */
async function openProxy(stateDir = mkdtempSync(join(tmpdir(), 'line-'))): Promise<Proxy> {
  const logs: string[] = [];
  const logger = createLogger({ level: 'info', format: 'json', destination: { write: (line) => logs.push(line) } });
  const clock = createVirtualClock();
  const settings = { expiresMs: 600_000, queue: true };
  const desk = createApprovalDesk({ settings: () => settings, clock, now: Date.now, logger, stateDir });
  closing.push(() => desk.close());
  desk.open();
  await clock.pass(1_000);
  const address = await eventually(async () => {
    const own = await listAddresses(queuePlaceOf(stateDir));
    const found = own.find((one) => one.includes(`approvals-${process.pid}`)) ?? '';
    expect(statSync(found).mode & 0o777).toBe(0o600);
    return found;
  });
  return { desk, clock, stateDir, address, logs };
}

async function call(address: string, onEvent?: (event: LineEvent) => void): Promise<QueueCaller> {
  const caller = await connectLine(address, onEvent && { onEvent });
  if (caller === undefined) throw new Error('nobody is there');
  closing.push(() => caller.close());
  return caller;
}

/** Writes to the socket as anybody could; resolves with all that came back when it was cut. */
function speak(address: string, text: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(address);
    let heard = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
    socket.write(text);
  });
}

describe('the socket of a proxy', () => {
  test('is for its user alone: 0600 in a folder with 0700, even where the folder was open before', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'line-'));
    mkdirSync(join(stateDir, 'run'), { mode: 0o777 });
    chmodSync(join(stateDir, 'run'), 0o777);
    const { address } = await openProxy(stateDir);
    expect(statSync(address).mode & 0o777).toBe(0o600);
    expect(statSync(join(stateDir, 'run')).mode & 0o777).toBe(0o700);
  });

  test('goes with the proxy', async () => {
    const { desk, stateDir } = await openProxy();
    await desk.close();
    expect(readdirSync(join(stateDir, 'run'))).toEqual([]);
  });

  test('is not opened where the folder is a way to somewhere else; the log says why', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'line-'));
    symlinkSync(mkdtempSync(join(tmpdir(), 'elsewhere-')), join(stateDir, 'run'));
    const logs: string[] = [];
    const logger = createLogger({ level: 'info', format: 'json', destination: { write: (line) => logs.push(line) } });
    const clock = createVirtualClock();
    const settings = { expiresMs: 600_000, queue: true };
    const desk = createApprovalDesk({ settings: () => settings, clock, now: Date.now, logger, stateDir });
    desk.open();
    await clock.pass(1_000);
    await eventually(() => expect(logs.join('')).toContain('is not a folder'));
    expect(desk.enqueue(ann, makeSubject(), from)).toBeDefined();
    await desk.close();
  });

  test('has a short path where the state folder has a long one', async () => {
    const stateDir = join(mkdtempSync(join(tmpdir(), 'line-')), 'x'.repeat(120));
    const { address, desk } = await openProxy(stateDir);
    expect(Buffer.byteLength(address)).toBeLessThan(104);
    const caller = await call(address);
    expect(await caller.request({ do: 'list' })).toEqual({ ok: true, questions: [] });
    await desk.close();
    expect(await listAddresses(queuePlaceOf(stateDir))).toEqual([]);
  });

  test('removes what dead processes have left, and leaves those of living ones', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'line-'));
    const folder = join(stateDir, 'run');
    mkdirSync(folder, { mode: 0o700 });
    const dead = join(folder, 'approvals-999999999.sock');
    writeFileSync(dead, '');
    const alive = join(folder, `approvals-${process.ppid}.sock`);
    const server = createServer().listen(alive);
    closing.push(() => server.close());
    await eventually(() => statSync(alive));
    // One that is alive, and does not listen yet.
    writeFileSync(join(folder, 'approvals-1.sock'), '');
    await openProxy(stateDir);
    const names = ['approvals-1.sock', `approvals-${process.ppid}.sock`, `approvals-${process.pid}.sock`];
    expect(readdirSync(folder).sort()).toEqual(names.sort());
  });

  test('stands beside that of another one with the same number, as containers have it', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'line-'));
    const both = [await openProxy(stateDir)];
    both.push(await openProxy(stateDir));
    await eventually(() => expect(readdirSync(join(stateDir, 'run'))).toHaveLength(2));
  });
});

describe('whoever connects', () => {
  test('sees what waits: which call, of whom, why; secrets covered', async () => {
    const { desk, address } = await openProxy();
    const subject = makeSubject({ arguments: { path: 'notes.md', password: 'canary-7d1f' }, remember: 'arguments' });
    const queued = desk.enqueue(ann, subject, from);
    const caller = await call(address);
    const listed = await caller.request({ do: 'list' });
    const whole = await caller.request({ do: 'list', id: queued!.id });
    expect(listed).toMatchObject({
      ok: true,
      questions: [
        {
          id: queued?.id,
          client: 'stdio/ann',
          server: 'files',
          tool: 'files__delete_file',
          class: 'destructive',
          reason: subject.reason,
          shown: '{"path":"notes.md","password":"(hidden, 11 characters)"}',
          batchId: '7f3a91',
          callId: 'c0',
          remember: 'arguments',
          isAwaited: true,
        },
      ],
    });
    expect(whole).toMatchObject({
      questions: [{ arguments: { path: 'notes.md', password: '(hidden, 11 characters)' } }],
    });
    expect(JSON.stringify([listed, whole])).not.toMatch(/canary|stdio-1/);
  });

  test('allows a call, which then passes once', async () => {
    const { desk, address } = await openProxy();
    const queued = desk.enqueue(ann, makeSubject(), from);
    const caller = await call(address);
    expect(await caller.request({ do: 'allow', id: queued!.id })).toEqual({ ok: true });
    expect(await queued?.answer).toBe('yes');
    expect([desk.use(ann, makeSubject()), desk.use(ann, makeSubject())]).toEqual([true, false]);
    expect(await caller.request({ do: 'allow', id: queued!.id })).toMatchObject({ ok: false, code: 'unknown_id' });
    expect(desk.use(ann, makeSubject())).toBe(false);
  });

  test('allows a call that has ended meanwhile: sent again, it passes once', async () => {
    const { desk, address } = await openProxy();
    const queued = desk.enqueue(ann, makeSubject(), from);
    queued?.leave();
    await (await call(address)).request({ do: 'allow', id: queued!.id });
    expect([desk.use(ann, makeSubject()), desk.use(ann, makeSubject())]).toEqual([true, false]);
  });

  test('denies a call', async () => {
    const { desk, address, logs } = await openProxy();
    const queued = desk.enqueue(ann, makeSubject(), from);
    await (await call(address)).request({ do: 'deny', id: queued!.id });
    expect(await queued?.answer).toBe('no');
    expect(desk.isApproved(ann, makeSubject())).toBe(false);
    expect(logs.join('')).toContain('"how":"queue","msg":"a call was declined"');
  });

  test('has a yes remembered as far as policy allows; asked for more, it is not given at all', async () => {
    const { desk, address } = await openProxy();
    const subject = makeSubject({ remember: 'arguments' });
    const queued = desk.enqueue(ann, subject, from);
    const caller = await call(address);
    const refused = await caller.request({ do: 'allow', id: queued!.id, remember: 'session' });
    expect(refused).toMatchObject({ ok: false, code: 'not_remembered' });
    expect(desk.isApproved(ann, subject)).toBe(false);
    await caller.request({ do: 'allow', id: queued!.id, remember: 'arguments' });
    expect([desk.use(ann, subject), desk.use(ann, subject)]).toEqual([true, true]);
  });

  test('watches questions come and go, and the proxy knows that somebody does', async () => {
    const { desk, address } = await openProxy();
    const events: LineEvent[] = [];
    const onUnwatched = vi.fn<() => void>();
    desk.onUnwatched(onUnwatched);
    const first = desk.enqueue(ann, makeSubject(), from);
    const caller = await call(address, (event) => events.push(event));
    expect(desk.isWatched()).toBe(false);
    expect(await caller.request({ do: 'watch' })).toEqual({ ok: true });
    expect(desk.isWatched()).toBe(true);
    const second = desk.enqueue(ann, makeSubject({ arguments: {} }), from);
    first?.withdraw();
    await eventually(() => expect(events).toHaveLength(3));
    expect(events).toMatchObject([
      { event: 'asked', question: { id: first?.id } },
      { event: 'asked', question: { id: second?.id } },
      { event: 'ended', id: first?.id, how: 'withdrawn' },
    ]);
    expect(onUnwatched).not.toHaveBeenCalled();
    caller.close();
    await eventually(() => expect(onUnwatched).toHaveBeenCalledOnce());
    expect(desk.isWatched()).toBe(false);
    // What nobody watches still waits.
    expect(await (await call(address)).request({ do: 'list' })).toMatchObject({ questions: [{ id: second?.id }] });
  });

  test('and says nothing is let go after ten seconds; a watcher may be silent', async () => {
    const { desk, clock, address } = await openProxy();
    const silent = await call(address);
    const watcher = await call(address);
    await watcher.request({ do: 'watch' });
    await eventually(() => expect(clock.timers()).toBe(1));
    await clock.pass(10_000);
    await silent.closed;
    expect(desk.isWatched()).toBe(true);
  });

  test('seventeen at a time are too many', async () => {
    const { address } = await openProxy();
    const callers = await Promise.all(Array.from({ length: 16 }, () => call(address)));
    await Promise.all(callers.map((caller) => caller.request({ do: 'list' })));
    expect(await speak(address, '{"do":"list"}\n')).toBe('');
  });

  test('is answered, however many have been left watching: the one that has watched longest goes', async () => {
    const { address } = await openProxy();
    const watchers: QueueCaller[] = [];
    for (let count = 0; count < 16; count++) {
      const watcher = await call(address);
      await watcher.request({ do: 'watch' });
      watchers.push(watcher);
    }
    const caller = await call(address);
    expect(await caller.request({ do: 'list' })).toEqual({ ok: true, questions: [] });
    await watchers[0]?.closed;
    expect(await watchers[1]?.request({ do: 'list' })).toMatchObject({ ok: true });
  });
});

describe('whoever sends anything else', () => {
  const id = '000000';
  test.each([
    'hello\n',
    '[]\n',
    'null\n',
    '{"do":"approve","id":"000000"}\n',
    `{"do":"allow"}\n`,
    `{"do":"allow","id":["${id}"]}\n`,
    `{"do":"allow","id":"*"}\n`,
    `{"do":"allow","id":"${id}","remember":"forever"}\n`,
    `{"do":"allow","id":"${id}","principal":"stdio-1"}\n`,
    `{"do":"watch","id":"${id}"}\n`,
    `{"do":"deny","id":"${id}","remember":"session"}\n`,
    '\u0000\u0001\n',
    'x'.repeat(1_001),
    'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
  ])('is told once and cut off: %j', async (text) => {
    const { address } = await openProxy();
    const heard = await speak(address, text);
    expect(JSON.parse(heard)).toMatchObject({ ok: false, code: 'malformed' });
  });

  test('gets nothing approved by 2,000 lines of garbage, and takes nothing down', async () => {
    const { desk, address } = await openProxy();
    const queued = desk.enqueue(ann, makeSubject({ remember: 'session' }), from)!;
    const good = [`{"do":"allow","id":"${queued.id}"}`, `{"do":"deny","id":"${queued.id}"}`, '{"do":"watch"}'];
    let seed = 42;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const spoil = (line: string): Buffer => {
      const bytes = Buffer.from(line);
      const at = random(bytes.length);
      // A byte that was there stays away, or another one comes in its place.
      if (random(2) === 0) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
      bytes[at] = (bytes[at]! + 1 + random(254)) % 256;
      return bytes;
    };
    for (let round = 0; round < 125; round++) {
      const lines = Array.from({ length: 16 }, () => spoil(good[random(3)]!));
      await Promise.all(lines.map((line) => speak(address, Buffer.concat([line, Buffer.from('\n\u0000\n')]))));
    }
    expect(desk.isApproved(ann, makeSubject({ remember: 'session' }))).toBe(false);
    const caller = await call(address);
    expect(await caller.request({ do: 'list' })).toMatchObject({ questions: [{ id: queued.id }] });
  });
});
