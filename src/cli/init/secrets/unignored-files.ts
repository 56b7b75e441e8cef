import { stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { readText } from '../../../config/source/read-text.ts';
import { matchGlob } from '../../../policy/match-glob.ts';

/** Some hundred times what such a file has. */
const maxBytes = 64 * 1024;

/**
 * Those of the files that lie in a git repository and that no `.gitignore` of it names: they would be taken with the next `git add`.
 * Patterns are read as people write them for such a file; advice too much is better than a secret published.
 */
export async function unignoredFiles(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(async (path) => ((await isUnignored(path)) ? [path] : [])));
  return found.flat();
}

async function isUnignored(path: string): Promise<boolean> {
  const folders = await foldersOfRepository(dirname(path));
  let isIgnored = false;
  for (const folder of folders) {
    const names = relative(folder, path).split(/[\\/]/);
    for (const file of [...(folder === folders[0] ? ['.git/info/exclude'] : []), '.gitignore']) {
      const read = await readText(join(folder, file), maxBytes);
      // The last line that says anything holds.
      for (const line of read.ok ? read.text.split(/\r?\n/) : []) {
        const pattern = line.trim();
        if (pattern === '' || pattern.startsWith('#')) continue;
        const isBack = pattern.startsWith('!');
        if (matches(isBack ? pattern.slice(1) : pattern, names)) isIgnored = !isBack;
      }
    }
  }
  return folders.length > 0 && !isIgnored;
}

/** From the top of the repository down to the folder; none where there is no repository. */
async function foldersOfRepository(folder: string): Promise<string[]> {
  const folders: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    folders.unshift(at);
    const isTop = await stat(join(at, '.git')).then(
      () => true,
      () => false,
    );
    if (isTop) return folders;
    if (dirname(at) === at) return [];
  }
}

/** Whether a line means the file with these folders before it, or one of the folders. */
function matches(pattern: string, names: readonly string[]): boolean {
  const isOfFolders = pattern.endsWith('/');
  const plain = pattern.replace(/^\*\*\//, '').replace(/\/$/, '');
  const paths = names.map((_, index) => names.slice(0, index + 1));
  const meant = isOfFolders ? paths.slice(0, -1) : paths;
  if (!plain.includes('/')) return meant.some((path) => matchGlob(plain, path.at(-1) ?? ''));
  const parts = plain.replace(/^\//, '').split('/');
  return meant.some((path) => matchesPath(parts, path));
}

/** Name by name: a star goes no further than a folder, and two of them alone stand for any number of folders. */
function matchesPath([part, ...rest]: readonly string[], names: readonly string[]): boolean {
  const [name, ...below] = names;
  if (part === undefined || name === undefined) return part === undefined && name === undefined;
  if (part !== '**') return matchGlob(part, name) && matchesPath(rest, below);
  return rest.length === 0 || names.some((_, index) => matchesPath(rest, names.slice(index)));
}
