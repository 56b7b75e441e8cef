import type { CliContext } from '../context.ts';
import { tell } from '../output.ts';
import { findJournal } from './find-journal.ts';
import type { JournalPlace } from './find-journal.ts';
import type { JournalReader } from './journal-reader.ts';

/** A journal that can be read, and where it is. */
export interface OpenJournal {
  reader: JournalReader;
  place: JournalPlace;
}

/** Opens the journal that the configuration or `--state-dir` leads to, and says what is odd about it. Closed by the command line. */
export async function openJournal(context: CliContext, stateDir: string | undefined): Promise<OpenJournal> {
  const { io, parts, configFile } = context;
  const place = await findJournal({ configFile, stateDir, env: io.env, cwd: io.cwd });
  const { file } = place;
  const reader = parts.readJournals({ stateDir: place.stateDir, ...(file !== undefined && { file }) });
  const told = new Set<string>();
  const warn = (warnings: readonly string[]): void => {
    const fresh = warnings.filter((warning) => !told.has(warning));
    for (const warning of fresh) told.add(warning);
    tell(
      context,
      fresh.map((warning) => `warning: ${warning}`),
    );
  };
  context.closeLater(async () => {
    // A file may turn out to be broken only where it is read.
    warn(reader.problems());
    reader.close();
  });
  warn([...place.warnings, ...reader.problems()]);
  if (!reader.isThere) {
    const how = 'mcp-marshal serve, call and batch keep one, unless the configuration switches it off';
    tell(context, [`there is no journal yet: looked in ${reader.place}; ${how}`]);
  }
  return { reader, place };
}
