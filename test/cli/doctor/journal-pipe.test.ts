import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lookAtState } from '../../../src/cli/doctor/gather/look-at-state.ts';

// Windows has no pipes among its files.
test.skipIf(process.platform === 'win32')('a journal that is a pipe is told of, and not waited for', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'pipe-'));
  try {
    const file = join(stateDir, 'journal.db');
    execFileSync('mkfifo', [file]);
    const readJournals = (): never => {
      throw new Error('it was opened');
    };
    const journal = { enabled: true, file };
    const facts = await lookAtState({ stateDir, journal }, { parts: { readJournals }, writes: false });
    expect(facts.journalProblems).toEqual([`${file} is not a regular file`]);
  } finally {
    rmSync(stateDir, { recursive: true });
  }
});
