import { createHash } from 'node:crypto';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { definitionOf, describeTool, digestDefinition } from '../../catalog/lock/describe-tool.ts';
import type { ToolDefinition } from '../../catalog/lock/describe-tool.ts';
import type { LockedTool } from '../../config/lock/lock-file.ts';
import { readText } from '../../config/source/read-text.ts';
import type { Tool } from '../../core/tool.ts';
import { replaceFile } from '../../lib/files/replace-file.ts';
import { makeDirectory } from '../../lib/files/make-directory.ts';

/** A definition is some kilobytes; larger ones are compared by their digests alone. */
const maxBytes = 256 * 1024;
/** Some times what a person has; those that were accepted longest ago go first. */
const maxFiles = 5_000;

/**
 * Keeps what was accepted, so that `check` can show what has changed since: a file for each definition, named for its digests. Nothing
 * is decided by these files. Returns why it could not, if it could not; never rejects.
 */
export async function keepDefinitions(stateDir: string, tools: readonly Tool[]): Promise<string | undefined> {
  const folder = folderOf(stateDir);
  try {
    await makeDirectory(folder);
    for (const tool of tools) await keepDefinition(folder, tool);
    await removeOldest(folder);
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

/** The definition that was accepted; `undefined` where it is not known here, or is not what its name says. */
export async function findDefinition(stateDir: string, locked: LockedTool): Promise<ToolDefinition | undefined> {
  const read = await readText(join(folderOf(stateDir), fileName(locked)), maxBytes);
  if (!read.ok) return undefined;
  try {
    const definition: ToolDefinition = JSON.parse(read.text);
    return fileName(digestDefinition(definition)) === fileName(locked) ? definition : undefined;
  } catch {
    return undefined;
  }
}

function folderOf(stateDir: string): string {
  return join(stateDir, 'definitions');
}

function fileName({ description, schema, annotations, rest }: LockedTool): string {
  const digests = [description, schema, annotations, ...(rest === undefined ? [] : [rest])];
  return `${createHash('sha256').update(digests.join('\n')).digest('hex')}.json`;
}

async function keepDefinition(folder: string, tool: Tool): Promise<void> {
  const file = join(folder, fileName(describeTool(tool)));
  const now = new Date();
  const isThere = await utimes(file, now, now).then(
    () => true,
    () => false,
  );
  const text = JSON.stringify(definitionOf(tool));
  if (isThere || Buffer.byteLength(text) > maxBytes) return;
  await replaceFile(file, text);
}

async function removeOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= maxFiles) return;
  const dated = await Promise.all(
    names.map(async (name) => ({ name, atMs: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = dated.toSorted((a, b) => b.atMs - a.atMs).slice(maxFiles);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
}
