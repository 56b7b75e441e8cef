import { createRequire } from 'node:module';

/** The version in package.json, which stands two folders up from here in `src/lib` and in `dist/lib` alike. */
export function packageVersion(): string {
  const { version }: { version: string } = createRequire(import.meta.url)('../../package.json');
  return version;
}
