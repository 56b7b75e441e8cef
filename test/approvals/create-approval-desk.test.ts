import { chmodSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createApprovalDesk, type OwnedApprovalDesk } from '../../src/approvals/create-approval-desk.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { createVirtualClock, type VirtualClock } from '../schedule/virtual-clock.ts';
import { ann, bob, makeSubject } from './make-subject.ts';

const expiresMs = 600_000;
const from = { callId: 'c0' };

interface Opened {
  desk: OwnedApprovalDesk;
  clock: VirtualClock;
  logs: string[];
}

/** The time of day is that of the virtual clock, a day after its beginning. */
function openDesk({
  stateDir,
  clock = createVirtualClock(),
  queue = true,
}: { stateDir?: string; clock?: VirtualClock; queue?: boolean } = {}): Opened {
  const logs: string[] = [];
  const logger = createLogger({ level: 'info', format: 'json', destination: { write: (line) => logs.push(line) } });
  const settings = { expiresMs, queue };
  const now = (): number => clock.now() + 86_400_000;
  const desk = createApprovalDesk({ settings: () => settings, clock, now, logger, ...(stateDir && { stateDir }) });
  return { desk, clock, logs };
}

const folder = (): string => mkdtempSync(join(tmpdir(), 'desk-'));

describe('a yes for one call', () => {
  test('lets that call pass once, and no second time', () => {
    const { desk } = openDesk();
    const subject = makeSubject();
    expect(desk.isApproved(ann, subject)).toBe(false);
    desk.approve(ann, subject);
    expect(desk.isApproved(ann, subject)).toBe(true);
    expect([desk.use(ann, subject), desk.use(ann, subject)]).toEqual([true, false]);
  });

  test('two of them let two identical calls pass', () => {
    const { desk } = openDesk();
    const subject = makeSubject();
    desk.approve(ann, subject);
    desk.approve(ann, subject);
    expect([1, 2, 3].map(() => desk.use(ann, subject))).toEqual([true, true, false]);
  });

  test.each([
    ['other arguments', { arguments: { path: 'other.md' } }],
    ['a tool whose schema changed', { definition: 'changed' }],
    ['another server', { server: 'other' }],
  ])('is none for %s', (_what, change) => {
    const { desk } = openDesk();
    desk.approve(ann, makeSubject());
    expect(desk.use(ann, makeSubject(change))).toBe(false);
  });

  test('is none for another client, whatever that calls itself', () => {
    const { desk } = openDesk();
    desk.approve(ann, makeSubject());
    expect(desk.use(bob, makeSubject())).toBe(false);
    expect(desk.use({ ...bob, keyScope: ann.keyScope }, makeSubject())).toBe(false);
  });

  test('is over when it was not used in time', async () => {
    const { desk, clock } = openDesk();
    desk.approve(ann, makeSubject());
    await clock.pass(expiresMs - 1);
    expect(desk.isApproved(ann, makeSubject())).toBe(true);
    await clock.pass(1);
    expect(desk.isApproved(ann, makeSubject())).toBe(false);
    expect(desk.use(ann, makeSubject())).toBe(false);
  });
});

describe('a yes for the session', () => {
  const subject = makeSubject({ remember: 'session' });
  const other = makeSubject({ remember: 'session', arguments: { path: 'other.md' } });

  test('holds for the tool with any arguments, again and again, and for nobody else', () => {
    const { desk } = openDesk();
    desk.approve(ann, subject, 'session');
    expect([subject, other, subject].map((one) => desk.use(ann, one))).toEqual([true, true, true]);
    expect(desk.use(bob, subject)).toBe(false);
  });

  test('does not hold for the tool once it has changed', () => {
    const { desk } = openDesk();
    desk.approve(ann, subject, 'session');
    expect(desk.use(ann, makeSubject({ remember: 'session', definition: 'changed' }))).toBe(false);
  });

  test('ends when the client goes', () => {
    const { desk } = openDesk();
    const leave = desk.attend({ id: ann.principal, isSession: true });
    desk.approve(ann, subject, 'session');
    leave();
    expect(desk.use(ann, subject)).toBe(false);
  });

  test('outlives the pauses between the requests of a client without sessions, but not its absence', async () => {
    const { desk, clock } = openDesk();
    const client = { id: ann.principal, isSession: false };
    const first = desk.attend(client);
    desk.approve(ann, subject, 'session');
    first();
    await clock.pass(expiresMs - 1);
    const second = desk.attend(client);
    await clock.pass(expiresMs);
    expect(desk.use(ann, subject)).toBe(true);
    second();
    second();
    await clock.pass(expiresMs);
    expect(desk.use(ann, subject)).toBe(false);
    expect(clock.timers()).toBe(0);
  });

  test('is for one call where policy does not allow more, or does not any more', () => {
    const { desk } = openDesk();
    const strict = makeSubject();
    desk.approve(ann, strict, 'session');
    expect([desk.use(ann, strict), desk.use(ann, strict)]).toEqual([true, false]);
    desk.approve(ann, subject, 'session');
    expect(desk.use(ann, { ...subject, remember: 'arguments' })).toBe(false);
  });
});

describe('a yes for the same arguments', () => {
  const subject = makeSubject({ remember: 'arguments' });

  test('holds for an hour, over restarts, for the client of the same name', async () => {
    const stateDir = folder();
    const { desk, clock } = openDesk({ stateDir });
    desk.approve(ann, subject, 'arguments');
    const again = openDesk({ stateDir, clock }).desk;
    const later = { ...ann, principal: 'stdio-9' };
    expect([again.use(later, subject), again.use(later, subject)]).toEqual([true, true]);
    expect(again.use(bob, subject)).toBe(false);
    expect(again.use(later, makeSubject({ remember: 'arguments', arguments: {} }))).toBe(false);
    expect(again.use(later, makeSubject({ remember: 'arguments', definition: 'changed' }))).toBe(false);
    await clock.pass(3_600_000);
    expect([desk, again].map((one) => one.use(later, subject))).toEqual([false, false]);
  });

  test('does not hold where policy does not allow it any more', () => {
    const { desk } = openDesk({ stateDir: folder() });
    desk.approve(ann, subject, 'arguments');
    expect(desk.use(ann, { ...subject, remember: 'none' })).toBe(false);
  });

  test('is kept in a file that nobody else can read, without arguments', () => {
    const stateDir = folder();
    openDesk({ stateDir }).desk.approve(ann, subject, 'arguments');
    const file = join(stateDir, 'approvals.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain('notes.md');
    expect(readdirSync(stateDir)).toEqual(['approvals.json']);
  });

  test('is longer for nobody who sets the time of day back', () => {
    const stateDir = folder();
    openDesk({ stateDir }).desk.approve(ann, subject, 'arguments');
    const yesterday = createVirtualClock();
    const logger = createLogger({ level: 'silent', format: 'json' });
    const settings = { expiresMs, queue: true };
    const desk = createApprovalDesk({
      settings: () => settings,
      clock: yesterday,
      now: () => 86_399_999,
      logger,
      stateDir,
    });
    expect(desk.use(ann, subject)).toBe(false);
  });

  test.each([
    ['no JSON', '{"version":1,'],
    ['something else', '[]'],
    [
      'entries that nobody wrote here',
      '{"version":1,"approvals":[{"keyScope":"stdio/ann","digest":true,"grantedAt":1}]}',
    ],
    ['far too much', ' '.repeat(1_000_001)],
  ])('a file with %s is set aside with a warning, and never believed', (_what, text) => {
    const stateDir = folder();
    writeFileSync(join(stateDir, 'approvals.json'), text, { mode: 0o600 });
    const { desk, logs } = openDesk({ stateDir });
    expect(desk.use(ann, subject)).toBe(false);
    expect(readdirSync(stateDir)).toEqual([expect.stringMatching(/^approvals\.json\.bad-\d+$/)]);
    expect(logs.join('')).toContain('set aside');
    desk.approve(ann, subject, 'arguments');
    expect(openDesk({ stateDir }).desk.use(ann, subject)).toBe(true);
  });

  test('a file that others can write is not believed either', () => {
    const stateDir = folder();
    openDesk({ stateDir }).desk.approve(ann, subject, 'arguments');
    chmodSync(join(stateDir, 'approvals.json'), 0o666);
    const { desk, logs } = openDesk({ stateDir });
    expect(desk.use(ann, subject)).toBe(false);
    expect(logs.join('')).toContain('others can write it');
  });
});

describe('a question in the queue', () => {
  test('stands there only while clients are served, and where the configuration lets it', () => {
    const { desk } = openDesk();
    expect(desk.enqueue(ann, makeSubject(), from)).toBeUndefined();
    desk.open();
    expect(desk.enqueue(ann, makeSubject(), from)).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{6}$/) });
    const off = openDesk({ queue: false }).desk;
    off.open();
    expect(off.enqueue(ann, makeSubject(), from)).toBeUndefined();
  });

  test('is answered by a yes for the session that was given elsewhere', async () => {
    const { desk } = openDesk();
    desk.open();
    const wide = makeSubject({ remember: 'session', arguments: { path: 'a' } });
    const queued = desk.enqueue(ann, wide, from);
    const strict = desk.enqueue(ann, makeSubject({ arguments: { path: 'b' } }), from);
    desk.approve(ann, makeSubject({ remember: 'session' }), 'session');
    expect(await queued?.answer).toBe('yes');
    expect(desk.use(ann, wide)).toBe(true);
    await desk.close();
    expect(await strict?.answer).toBe('expired');
  });

  test('ends with the desk, which takes no more', async () => {
    const { desk, clock } = openDesk();
    desk.open();
    const queued = desk.enqueue(ann, makeSubject(), from);
    await desk.close();
    expect(await queued?.answer).toBe('expired');
    expect(desk.enqueue(ann, makeSubject(), from)).toBeUndefined();
    expect(clock.timers()).toBe(0);
  });
});

test('the log tells who said yes or no to what, and never the arguments', () => {
  const { desk, logs } = openDesk({ stateDir: folder() });
  const subject = makeSubject({ remember: 'arguments', arguments: { path: 'canary-7d1f' } });
  desk.approve(ann, subject, 'arguments');
  desk.use(ann, subject);
  desk.decline(bob, subject);
  const told = logs.map((line): unknown => JSON.parse(line));
  const about = { server: 'files', tool: 'files__delete_file', digest: subject.digest.slice(0, 12) };
  expect(told).toMatchObject([
    { ...about, client: 'stdio/ann', how: 'client', msg: 'a call was approved' },
    { ...about, client: 'stdio/ann', how: 'remembered (arguments)', msg: 'a call was approved' },
    { ...about, client: 'http/bob', how: 'client', msg: 'a call was declined' },
  ]);
  expect(logs.join('')).not.toMatch(/canary|stdio-1|http-2/);
});
