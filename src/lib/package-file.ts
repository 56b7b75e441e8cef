import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let root: string | undefined;

/**
 * A file that ships with the package, by its path there: `packageFile('config/policies')`. The program runs from `src`, from `dist`, and
 * from a bundle, which lie at other depths; so the folder of the package is looked for.
 */
export function packageFile(path: string): string {
  root ??= findRoot(dirname(fileURLToPath(import.meta.url)));
  return join(root, path);
}

function findRoot(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at;
    if (at === dirname(at)) throw new Error(`there is no package.json above ${folder}; install mcp-marshal again`);
  }
}
