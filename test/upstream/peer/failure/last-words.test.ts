import { describe, expect, test } from 'vitest';
import { lastWords } from '../../../../src/upstream/peer/failure/last-words.ts';

const wrongPath = `node:internal/modules/cjs/loader:1210
  throw err;
  ^

Error: Cannot find module '/srv/index.js'
    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)
    at node:internal/main/run_main_module:28:49 {
  code: 'MODULE_NOT_FOUND',
  requireStack: []
}

Node.js v20.20.2`;

const wrongPackage = `npm error code E404
npm error 404 Not Found - GET https://registry.example.com/no-such-server - Not found
npm error 404
npm error 404  'no-such-server@*' is not in this registry.
npm error 404
npm error 404 Note that you can also install from a
npm error 404 tarball, folder, http url, or git folder.
npm error A complete log of this run can be found in: /home/ann/.npm/_logs/debug-0.log`;

const python = `Traceback (most recent call last):
  File "<string>", line 1, in <module>
ModuleNotFoundError: No module named 'mcp_server_git'`;

describe('why a server died is said, not what its runtime writes around that', () => {
  test.each([
    ['a path that Node does not find', wrongPath, "Error: Cannot find module '/srv/index.js'"],
    ['a package that npm does not find', wrongPackage, "npm error 404  'no-such-server@*' is not in this registry."],
    ['a module that Python does not find', python, "ModuleNotFoundError: No module named 'mcp_server_git'"],
    ['a sentence of its own', 'starting\nmissing API_KEY\n', 'missing API_KEY'],
    ['a sentence behind an empty line', 'missing API_KEY\n\n', 'missing API_KEY'],
  ])('%s', (_, said, why) => {
    const words = lastWords(said.split('\n'));
    expect(words.split(' | ').at(-1)).toBe(why);
    expect(words).not.toMatch(/Node\.js v|requireStack|complete log/);
  });
});

test('of one that says nothing else, what there is is said', () => {
  expect(lastWords(['Node.js v20.20.2'])).toBe('Node.js v20.20.2');
  expect(lastWords([])).toBe('');
});

test('what it said last is held to what a message has room for', () => {
  expect(lastWords(Array.from({ length: 20 }, () => 'x'.repeat(2000)))).toHaveLength(600);
});
