import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * What npx has fetched the program from, where that is not the registry: a package file, or an address. In its cache npx keeps a package
 * of its own for each call, whose one dependency says so. Undefined: the registry, or nobody knows.
 */
export function fetchedPackage(script: string): string | undefined {
  const folder = /^.*[\\/]_npx[\\/][^\\/]+(?=[\\/])/.exec(script)?.[0];
  if (folder === undefined) return undefined;
  const source = readSource(join(folder, 'package.json'));
  if (source === undefined || !source.includes(':')) return undefined;
  return source.startsWith('file:') ? resolve(folder, source.slice('file:'.length)) : source;
}

function readSource(path: string): string | undefined {
  try {
    const { dependencies }: { dependencies?: Record<string, unknown> } = JSON.parse(readFileSync(path, 'utf8'));
    const source = dependencies?.['mcp-marshal'];
    return typeof source === 'string' ? source : undefined;
  } catch {
    return undefined;
  }
}
