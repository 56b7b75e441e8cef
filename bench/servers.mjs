// Where the demo and the benchmark find programs: this package's own files, and the reference servers among its development dependencies.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** A file of this package, by its path from the package's root. */
export function packageFile(path) {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

/** How to start one of the reference servers, `@modelcontextprotocol/server-<name>`. */
export function serverProgram(name, args = []) {
  const manifest = packageFile(`node_modules/@modelcontextprotocol/server-${name}/package.json`);
  const { bin } = require(manifest);
  return { command: process.execPath, args: [join(dirname(manifest), Object.values(bin)[0]), ...args] };
}

/** How to start `bench/echo-server.mjs`, with settings of its own in `env`. */
export function echoProgram(env) {
  const file = fileURLToPath(new URL('./echo-server.mjs', import.meta.url));
  return { command: process.execPath, args: [file], env };
}
