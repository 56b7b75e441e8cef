import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The pages that users read. */
export const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter(isPage)
    .map((name) => `docs/${name}`),
];

function isPage(name: string): boolean {
  return name.endsWith('.md');
}

/** A fenced block of a page. */
export interface Snippet {
  page: string;
  /** Of its first line, from 1. */
  line: number;
  language: string;
  text: string;
}

export function readPage(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** Every fenced block of every page. */
export function findSnippets(): Snippet[] {
  return pages.flatMap((page) => {
    const found = readPage(page).matchAll(/^```(\w*)\n(.*?)^```$/gms);
    return [...found].map(({ index, 1: language = '', 2: text = '' }) => {
      const line = readPage(page).slice(0, index).split('\n').length + 1;
      return { page, line, language, text };
    });
  });
}
