import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { renderProblem } from '../../src/core/place.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { LoadConfigOptions } from '../../src/config/load-config.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Runs `work` in a folder of its own that holds `files`, and removes it. */
export async function inFolder<T>(files: Files, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'marshal-config-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The configuration that `files` make; `marshal.yaml` among them unless `file` names another. HOME is their folder. */
export async function load(files: Files | string, options: LoadConfigOptions = {}): Promise<Config> {
  const all = typeof files === 'string' ? { 'marshal.yaml': files } : files;
  return inFolder(all, (folder) => loadConfig({ cwd: folder, ...options, env: { HOME: folder, ...options.env } }));
}

/** What the user would see printed: the problems of files that must not load. */
export async function problemsOf(files: Files | string, options: LoadConfigOptions = {}): Promise<string[]> {
  try {
    await load(files, options);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(renderProblem);
  }
  throw new Error('the files loaded, but were expected not to');
}

/** The warnings of files that load. */
export async function warningsOf(files: Files | string, options: LoadConfigOptions = {}): Promise<string[]> {
  return (await load(files, options)).warnings.map(renderProblem);
}

/** A configuration of one server with these lines below its name. */
export function server(...lines: string[]): string {
  return ['version: 1', 'servers:', '  one:', ...lines.map((line) => `    ${line}`), ''].join('\n');
}
