import { randomUUID } from 'node:crypto';
import { access, constants, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { usageFailure } from '../failure.ts';

/** A file that can be written, as far as can be known before it is. */
export interface OutputFile {
  /** Replaces the file as a whole. Rejects with what the file system says. */
  write(text: string): Promise<void>;
}

/** Which option named the file, and what is to be in it: `the trace`, such as `trace.json`. */
export interface OutputKind {
  option: string;
  noun: string;
  example: string;
}

/**
 * Makes sure that a file can be written there, before anything runs. Throws a usage failure that says why not, of the option that named
 * the file; changes nothing.
 */
export async function openOutputFile(
  named: string,
  { cwd, option, noun, example }: OutputKind & { cwd: string },
): Promise<OutputFile> {
  if (named === '-') throw usageFailure(`${option} cannot go to stdout, where the results go`, 'name a file');
  if (named === '') throw usageFailure(`${option} names no file`, `write ${option} ${example}`);
  try {
    const { file, mode } = await findTarget(resolve(cwd, named));
    if (mode === 'direct') return { write: (text) => writeFile(file, text) };
    const draftOf = (): string => join(dirname(file), `.${basename(file).slice(0, 100)}.${randomUUID()}.tmp`);
    const probe = draftOf();
    await writeFile(probe, '', { flag: 'wx' });
    await rm(probe);
    return { write: (text) => replaceFile({ file, draft: draftOf(), permissions: mode }, text) };
  } catch (error) {
    throw usageFailure(`${noun} cannot be written to "${named}": ${reasonOf(error)}`, 'name a file that can');
  }
}

/** What is behind a name: a link leads to its file, and what is no file (a pipe, a device) must not be replaced by one. */
async function findTarget(path: string): Promise<{ file: string; mode: 'direct' | number | undefined }> {
  const file = await realpath(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return path;
    throw error;
  });
  const found = await stat(file).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return { file, mode: undefined };
  if (found.isDirectory()) throw new Error('it is a directory');
  await access(file, constants.W_OK);
  return { file, mode: found.isFile() ? found.mode & 0o777 : 'direct' };
}

async function replaceFile(
  { file, draft, permissions }: { file: string; draft: string; permissions: number | undefined },
  text: string,
): Promise<void> {
  try {
    await writeFile(draft, text, { flag: 'wx', ...(permissions !== undefined && { mode: permissions }) });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'its directory does not exist';
  if (code !== undefined) return code;
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
