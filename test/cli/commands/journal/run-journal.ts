import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliParts } from '../../../../src/cli/context.ts';
import type { JournalReader } from '../../../../src/cli/journal/journal-reader.ts';
import { runCli } from '../../../../src/cli/run-cli.ts';
import { fakeIo } from '../../fake-io.ts';
import type { FakeIo } from '../../fake-io.ts';
import { stubParts } from '../../stub-proxy.ts';

/** A folder in which no configuration is found, unless the test writes one. */
export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'journal-'));
}

/** A process in `cwd`, whose user has no configuration. */
export function ioIn(cwd: string, { columns }: { columns?: number } = {}): FakeIo {
  const env = { HOME: cwd, NO_COLOR: '1' };
  return fakeIo({ cwd, env, isTerminal: columns !== undefined, ...(columns !== undefined && { columns }) });
}

/** Runs a command that reads this journal. `asked` is where it was looked for. */
export async function runJournal(
  argv: readonly string[],
  { journal, cwd, columns, fake }: { journal: JournalReader; cwd: string; columns?: number; fake?: FakeIo },
): Promise<{ code: number; out: string; err: string; asked: unknown[] }> {
  const { io, out, err } = fake ?? ioIn(cwd, { ...(columns !== undefined && { columns }) });
  const asked: unknown[] = [];
  const readJournals: CliParts['readJournals'] = (place) => {
    asked.push(place);
    return journal;
  };
  const code = await runCli(argv, io, { ...stubParts({}).parts, readJournals });
  return { code, out: out(), err: err(), asked };
}
