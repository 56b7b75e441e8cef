import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Two editors with a proxy each are normal, sixteen are not. */
const maxFiles = 16;

/** Where journals stand unless the configuration names a file. */
export function journalFolder(stateDir: string): string {
  return join(stateDir, 'journal');
}

/** The files that a process may take, in the order in which it tries them. */
export function candidateFiles(stateDir: string): string[] {
  return Array.from({ length: maxFiles }, (_, index) => join(journalFolder(stateDir), `journal-${index + 1}.db`));
}

/** Those that there are. */
export function existingFiles(stateDir: string): string[] {
  return candidateFiles(stateDir).filter((file) => existsSync(file));
}
