import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { createApprovalDesk, type OwnedApprovalDesk } from '../../../src/approvals/create-approval-desk.ts';
import { listAddresses, queuePlaceOf } from '../../../src/approvals/line/queue-place.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { createMonotonicClock } from '../../../src/lib/monotonic-clock.ts';
import { eventually } from '../../eventually.ts';
import { ann, bob, makeSubject } from '../../approvals/make-subject.ts';
import { silent } from '../../upstream/support.ts';
import { fakeIo, type FakeIo } from '../fake-io.ts';
import { stubParts } from '../stub-proxy.ts';

const from = { batchId: '7f3a91', callId: 'c0' };
const subject = makeSubject({ arguments: { path: 'notes\u202e.md', token: 'canary-7d1f' }, remember: 'arguments' });
const closing: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** A running proxy's desk in its own state folder, or one more in the same. */
async function openDesk(
  stateDir = mkdtempSync(join(tmpdir(), 'queue-')),
): Promise<{ desk: OwnedApprovalDesk; stateDir: string }> {
  const clock = createMonotonicClock();
  const settings = { expiresMs: 600_000, queue: true };
  const place = queuePlaceOf(stateDir);
  const before = (await listAddresses(place)).length;
  const desk = createApprovalDesk({ settings: () => settings, clock, now: Date.now, logger: silent, stateDir });
  closing.push(() => desk.close());
  desk.open();
  // The first question opens the socket, a second after the start.
  desk.enqueue(ann, makeSubject({ arguments: { to: 'open it' } }), from)?.withdraw();
  await eventually(async () => expect((await listAddresses(place)).length).toBe(before + 1));
  return { desk, stateDir };
}

interface Ran {
  code: number;
  out: string;
  err: string;
}

async function run(stateDir: string, ...argv: string[]): Promise<Ran> {
  const { io, out, err } = fakeIo({ cwd: stateDir, env: { HOME: stateDir } });
  const code = await runCli(['approvals', ...argv, '--state-dir', stateDir], io, stubParts({}).parts);
  return { code, out: out(), err: err() };
}

describe('approvals', () => {
  test('lists what waits in all running proxies, the oldest first, secrets covered', async () => {
    const { desk, stateDir } = await openDesk();
    const other = await openDesk(stateDir);
    const first = desk.enqueue(ann, subject, from)!;
    const askedMs = Date.now();
    await eventually(() => expect(Date.now()).toBeGreaterThan(askedMs + 2));
    const second = other.desk.enqueue(bob, makeSubject(), from)!;
    const { code, out } = await run(stateDir);
    const lines = out.trimEnd().split('\n');
    expect(code).toBe(0);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^id +age +expires in +client +tool +class +reason +arguments$/);
    expect(lines[1]).toMatch(
      new RegExp(
        `^${first.id} +\\ds +10m +stdio/ann +files__delete_file +destructive +annotation destructiveHint: true +\\{`,
      ),
    );
    expect(lines[2]).toContain(second.id);
    expect(out).not.toMatch(/canary|\u202e/);
  });

  test('--json gives one object', async () => {
    const { desk, stateDir } = await openDesk();
    expect(JSON.parse((await run(stateDir, '--json')).out)).toEqual({ version: 1, data: [] });
    const queued = desk.enqueue(ann, subject, from)!;
    const { out } = await run(stateDir, '--json');
    expect(JSON.parse(out)).toMatchObject({ version: 1, data: [{ id: queued.id, tool: 'files__delete_file' }] });
    expect(out).not.toContain('canary');
  });

  test('says so where nothing waits, and where no proxy runs', async () => {
    const { stateDir } = await openDesk();
    expect(await run(stateDir)).toEqual({ code: 0, out: '', err: 'no call waits for approval\n' });
    const empty = mkdtempSync(join(tmpdir(), 'queue-'));
    const { code, err } = await run(empty);
    expect(code).toBe(2);
    expect(err).toContain(`no proxy that could have questions is running: looked in ${empty}`);
    expect(JSON.parse((await run(empty, '--json')).out)).toMatchObject({ error: { code: 'no_proxy' } });
  });

  test('show has the whole arguments, with everything invisible written out and secrets covered', async () => {
    const { desk, stateDir } = await openDesk();
    const text = 'x'.repeat(5_000);
    const queued = desk.enqueue(ann, { ...subject, arguments: { ...subject.arguments, text } }, from)!;
    const { code, out } = await run(stateDir, 'show', queued.id);
    expect(code).toBe(0);
    expect(out).toContain(`${queued.id}: stdio/ann wants files__delete_file on files (destructive)`);
    expect(out).toContain('    {\n      "path": "notes\\u202e.md",\n      "token": "(hidden, 11 characters)",\n');
    expect(out).toContain(text);
    expect(out).toContain('--remember arguments');
  });

  test('allow lets calls pass once; deny refuses them; several at a time', async () => {
    const { desk, stateDir } = await openDesk();
    const other = makeSubject({ arguments: { path: 'other.md' } });
    const queued = [desk.enqueue(ann, subject, from)!, desk.enqueue(ann, other, from)!];
    queued[1]?.leave();
    const allowed = await run(stateDir, 'allow', ...queued.map(({ id }) => id));
    expect(allowed.code).toBe(0);
    expect(allowed.out).toMatch(
      /^allowed [0-9a-f]{6} files__delete_file .*\nallowed .*: the call has ended; sent again, it passes\n$/,
    );
    expect(await queued[0]?.answer).toBe('yes');
    const keyed = desk.enqueue(ann, makeSubject({ arguments: { path: 'keyed.md' } }), { ...from, isKeyed: true })!;
    keyed.leave();
    const { out: told } = await run(stateDir, 'allow', keyed.id);
    expect(told).toContain(': the call has ended; sent again with a new idempotencyKey or none, it passes\n');
    expect([desk.use(ann, subject), desk.use(ann, subject), desk.use(ann, other)]).toEqual([true, false, true]);
    const again = desk.enqueue(ann, subject, from)!;
    const denied = await run(stateDir, 'deny', again.id, '--json');
    expect(JSON.parse(denied.out)).toMatchObject({ data: [{ id: again.id, answer: 'deny' }] });
    expect(await again.answer).toBe('no');
  });

  test('allow --remember keeps the yes as far as policy allows', async () => {
    const { desk, stateDir } = await openDesk();
    const queued = desk.enqueue(ann, subject, from)!;
    const refused = await run(stateDir, 'allow', queued.id, '--remember', 'session');
    expect(refused).toMatchObject({
      code: 2,
      err: expect.stringContaining('set remember: session in the policy of files'),
    });
    expect(desk.isApproved(ann, subject)).toBe(false);
    expect(await run(stateDir, 'allow', '--remember', 'arguments', queued.id)).toMatchObject({ code: 0 });
    expect([desk.use(ann, subject), desk.use(ann, subject)]).toEqual([true, true]);
  });

  test('answers nothing where one of the ids is not open', async () => {
    const { desk, stateDir } = await openDesk();
    const queued = desk.enqueue(ann, subject, from)!;
    const unknown = queued.id === '000000' ? '000001' : '000000';
    const { code, err } = await run(stateDir, 'allow', queued.id, unknown);
    expect(code).toBe(2);
    expect(err).toBe(`there is no open question ${unknown}; open: ${queued.id}\n`);
    expect(desk.isApproved(ann, subject)).toBe(false);
  });

  test.each([
    [['allow'], "missing required argument 'id'"],
    [['allow', '*'], 'An id has six digits or letters from a to f'],
    [['allow', '123456', '--remember', 'forever'], 'Allowed choices are arguments, session'],
    [['3f2a1b'], 'too many arguments'],
  ])('%j is a usage error', async (argv, message) => {
    const { code, err } = await run('/nowhere', ...argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('approvals watch', () => {
  /** Watches as a person at a terminal, or as a program. */
  function watch(
    stateDir: string,
    { isTerminal, argv = [] }: { isTerminal: boolean; argv?: string[] },
  ): FakeIo & { stdin: PassThrough; ended: Promise<number> } {
    const stdin = new PassThrough();
    const fake = fakeIo({ cwd: stateDir, env: { HOME: stateDir }, isTerminal });
    const io = { ...fake.io, stdin: Object.assign(stdin, { isTTY: isTerminal }) };
    const ended = runCli(['approvals', 'watch', ...argv, '--state-dir', stateDir], io, stubParts({}).parts);
    closing.push(() => {
      fake.signal('SIGINT');
      return ended;
    });
    return { ...fake, stdin, ended };
  }

  test('asks about each call as it comes, and does what is said', async () => {
    const { desk, stateDir } = await openDesk();
    const { stdin, err } = watch(stateDir, { isTerminal: true });
    await eventually(() => expect(desk.isWatched()).toBe(true));
    const yes = desk.enqueue(ann, subject, from)!;
    const no = desk.enqueue(ann, makeSubject(), from)!;
    await eventually(() => expect(err()).toContain('later > '));
    expect(err()).toContain(yes.id);
    expect(err()).not.toContain(no.id);
    // The second line was typed before its question was seen.
    stdin.write('y\ny\n');
    expect(await yes.answer).toBe('yes');
    await eventually(() => expect(err()).toMatch(new RegExp(`${no.id}[^]*later > `)));
    expect(desk.isApproved(ann, makeSubject())).toBe(false);
    stdin.write('n\n');
    expect(await no.answer).toBe('no');
    await eventually(() => expect(err()).toContain(`denied ${no.id}`));
    expect(err()).toContain(`allowed ${yes.id}`);
  });

  test('leaves a call open where nothing is said, and takes a question back that was answered elsewhere', async () => {
    const { desk, stateDir } = await openDesk();
    const { stdin, err } = watch(stateDir, { isTerminal: true });
    await eventually(() => expect(desk.isWatched()).toBe(true));
    const first = desk.enqueue(ann, subject, from)!;
    await eventually(() => expect(err()).toContain('later > '));
    stdin.write('\n');
    await eventually(() => expect(err()).toContain(`${first.id} stays open`));
    const second = desk.enqueue(ann, makeSubject(), from)!;
    await eventually(() => expect(err()).toContain(`${second.id}: stdio/ann`));
    await run(stateDir, 'deny', second.id);
    await eventually(() => expect(err()).toContain(`${second.id}: no`));
    stdin.write('y\n');
    expect((await run(stateDir)).out).toContain(first.id);
    expect(desk.isApproved(ann, subject)).toBe(false);
  });

  test('finds proxies that start later; a program gets line by line', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'queue-'));
    const { out, err, signal, ended } = watch(stateDir, { isTerminal: false, argv: ['--json'] });
    await eventually(() => expect(err()).toContain('no proxy is running yet'));
    const { desk } = await openDesk(stateDir);
    await eventually(() => expect(desk.isWatched()).toBe(true));
    const queued = desk.enqueue(ann, subject, from)!;
    await eventually(() => expect(out()).toContain(queued.id));
    queued.withdraw();
    await eventually(() => expect(out()).toContain('withdrawn'));
    const lines = out()
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toMatchObject([
      { version: 1, data: { event: 'asked', question: { id: queued.id } } },
      { version: 1, data: { event: 'ended', id: queued.id, how: 'withdrawn' } },
    ]);
    signal('SIGINT');
    expect(await ended).toBe(130);
    await eventually(() => expect(desk.isWatched()).toBe(false));
  });
});
