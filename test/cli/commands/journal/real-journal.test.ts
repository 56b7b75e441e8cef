import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallHead } from '../../../../src/core/journal.ts';
import type { Outcome } from '../../../../src/core/outcome.ts';
import { createJournal } from '../../../../src/journal/create-journal.ts';
import { readJournals } from '../../../../src/journal/read-journals.ts';
import { createLogger } from '../../../../src/lib/logger.ts';
import { runCli } from '../../../../src/cli/run-cli.ts';
import { startMs } from '../../journal/fake-journal.ts';
import { stubParts } from '../../stub-proxy.ts';
import { emptyFolder, ioIn } from './run-journal.ts';

let stateDir: string;
let atMs = startMs;

/** A journal as a proxy leaves it that was stopped while a write was in flight. */
beforeAll(async () => {
  stateDir = emptyFolder();
  const config = { enabled: true, arguments: 'digest' as const, keepMs: 1e12, maxBytes: 10_000_000 };
  const logger = createLogger({ level: 'silent', format: 'json' });
  const journal = createJournal({ config, stateDir, now: () => atMs, logger });
  const head = { batchId: 'abc123', principal: 'own', server: 'files', arguments: {} };
  const read: CallHead = { ...head, callId: 'c0', tool: 'read_text_file', class: 'read' };
  const write: CallHead = { ...head, callId: 'c1', tool: 'write_file', class: 'write' };
  const ok: Outcome = { status: 'ok', applied: 'no', attempts: 1, queuedMs: 0, runMs: 30, startedMs: 0 };
  journal.accept({ batchId: 'abc123', principal: 'own', tool: 'batch_call', calls: 2 });
  const reading = journal.begin(read);
  atMs += 5;
  const writing = journal.begin(write);
  const reason = await writing.written;
  if (reason !== undefined) throw new Error(reason);
  atMs += 25;
  reading.settle({ outcome: ok });
  await journal.close();
  writeFileSync(join(stateDir, 'journal', 'journal-2.db'), 'not a journal, and no database at all\n'.repeat(50));
});
afterAll(() => rmSync(stateDir, { recursive: true }));

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const { io, out, err } = ioIn(stateDir);
  const code = await runCli([...argv, '--state-dir', stateDir], io, { ...stubParts({}).parts, readJournals });
  return { code, out: out(), err: err() };
}

describe('the journal on disk', () => {
  test('is shown by log, with the write that nobody knows of, and a word about the file that is damaged', async () => {
    const { code, out, err } = await run('log');
    expect(code).toBe(0);
    expect(out.split('\n').slice(1, 3)).toEqual([
      '2026-11-21 23:41:07.123  ok           -        30 ms  files__read_text_file  abc123 c0',
      '2026-11-21 23:41:07.128  interrupted  unknown  -      files__write_file      abc123 c1',
    ]);
    expect(err).toMatch(/^warning: \S*journal-2\.db is damaged\n$/);
  });

  test('is drawn by report and by trace', async () => {
    const { code, out } = await run('report');
    expect(code).toBe(0);
    expect(out).toContain('batch abc123: 2 calls, 1 ok, 1 interrupted');
    expect(out).toContain('effect unknown: 1 call was sent');
    expect(JSON.parse((await run('trace', 'abc')).out).otherData).toMatchObject({ batchId: 'abc123' });
  });

  test('is found to be missing where there is none', async () => {
    const empty = join(stateDir, 'empty');
    mkdirSync(empty);
    const { io, out, err } = ioIn(stateDir);
    const parts = { ...stubParts({}).parts, readJournals };
    expect(await runCli(['report', '--state-dir', 'empty', '--json'], io, parts)).toBe(0);
    expect(JSON.parse(out())).toEqual({ version: 1, data: null });
    expect(err()).toContain(`there is no journal yet: looked in ${join(empty, 'journal')}`);
  });
});
