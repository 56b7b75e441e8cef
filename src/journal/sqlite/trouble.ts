/**
 * Why a journal's file cannot be used. `full` and `unwritable` may pass, `held` does when the other process ends; `corrupt` files are set
 * aside; `newer` and `foreign` ones are left as they are; `unavailable` stays: SQLite itself could not be loaded.
 */
export type TroubleKind = 'full' | 'unwritable' | 'held' | 'corrupt' | 'newer' | 'foreign' | 'unavailable';

export interface Trouble {
  kind: TroubleKind;
  /** What, where and why, in words for a person. */
  message: string;
}

/** What an error of SQLite or of the file system means for the journal in `file`. */
export function toTrouble(error: unknown, file: string): Trouble {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/^SQLITE_(?:NOTADB|CORRUPT)/.test(code)) return damaged(file);
  if (code.startsWith('SQLITE_BUSY')) return { kind: 'held', message: `${file} is held by another process` };
  if (code.startsWith('SQLITE_FULL') || code === 'ENOSPC') {
    return { kind: 'full', message: `the disk is full: ${file} cannot be written` };
  }
  const reason = error instanceof Error ? firstLine(error.message) : String(error);
  return { kind: 'unwritable', message: `${file} cannot be written: ${reason}` };
}

export function damaged(file: string): Trouble {
  return { kind: 'corrupt', message: `${file} is damaged` };
}

/** Of what a library says: it may go on with a stack. */
export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
