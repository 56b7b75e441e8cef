import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/** Where a command is looked for. */
export interface SearchPlace {
  /** The variable PATH. Absent: it is not known, and so whether a bare name is found. */
  path: string | undefined;
  cwd: string;
  /** Windows: endings that make a file a program. */
  endings?: string | undefined;
}

/** The file that a command would start, absolute. `undefined`: there is none. A bare name without a PATH counts as found, as itself. */
export async function findProgram(command: string, { path, cwd, endings }: SearchPlace): Promise<string | undefined> {
  const names = process.platform === 'win32' ? ['', ...(endings ?? '.EXE;.CMD;.BAT;.COM').split(';')] : [''];
  const folders = isAbsolute(command) || /[\\/]/.test(command) ? [''] : path?.split(delimiter);
  if (folders === undefined) return command;
  for (const folder of folders.filter((one) => one !== '' || folders.length === 1)) {
    for (const ending of names) {
      const file = folder === '' ? resolve(cwd, command + ending) : join(folder, command + ending);
      if (await isProgram(file)) return file;
    }
  }
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
