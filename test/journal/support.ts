import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { JournalConfig } from '../../src/config/config.ts';
import type { BatchHead, CallHead, Journal, KeyedBatch } from '../../src/core/journal.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { createJournal } from '../../src/journal/create-journal.ts';
import { type JournalReader, readJournals } from '../../src/journal/read-journals.ts';
import { createLogger } from '../../src/lib/logger.ts';

export const dayMs = 86_400_000;

export const defaults: JournalConfig = {
  enabled: true,
  arguments: 'digest',
  keepMs: 30 * dayMs,
  maxBytes: 256_000_000,
};

/** A state folder that goes with the test. */
export function makeStateDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'marshal-journal-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'state');
}

export interface Bench {
  journal: Journal;
  /** What the log was told. */
  lines: string[];
}

/** A journal that is closed with the test. */
export function openJournal(stateDir: string, given: Partial<JournalConfig> & { now?: () => number } = {}): Bench {
  const { now = Date.now, ...config } = given;
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const logger = createLogger({ level: 'info', format: 'json', destination });
  const journal = createJournal({ config: { ...defaults, ...config }, stateDir, now, logger });
  journal.start();
  onTestFinished(() => journal.close());
  return { journal, lines };
}

export function openReader(stateDir: string, file?: string): JournalReader {
  const reader = readJournals({ stateDir, ...(file !== undefined && { file }) });
  onTestFinished(() => reader.close());
  return reader;
}

export function call(given: Partial<CallHead> = {}): CallHead {
  return {
    callId: 'c0',
    principal: 'stdio',
    server: 'files',
    tool: 'write_file',
    class: 'write',
    arguments: { path: '/a' },
    ...given,
  };
}

export function batch(batchId: string, given: Partial<BatchHead> = {}): BatchHead {
  return { batchId, principal: 'stdio', tool: 'batch_call', calls: 1, ...given };
}

export function keyed(batchId: string, given: Partial<KeyedBatch> = {}): KeyedBatch {
  return { ...batch(batchId), key: 'deploy', scope: 'stdio', digest: 'abc', ...given };
}

export function ended(given: Partial<Outcome> = {}): { outcome: Outcome } {
  const times = { attempts: 1, queuedMs: 0, runMs: 5, startedMs: 0 };
  return { outcome: { status: 'ok', applied: 'yes', result: { content: [] }, ...times, ...given } };
}

export const noReport = { status: 'completed', wallMs: 5, report: { counts: {} } } as const;
