import { expect, test } from 'vitest';
import { startsMarshal } from '../../../src/config/server/starts-marshal.ts';

test.each([
  ['mcp-marshal', 'serve'],
  ['/usr/local/bin/mcp-marshal'],
  ['C:\\npm\\mcp-marshal.cmd', 'serve'],
  ['npx', 'mcp-marshal'],
  ['npx', '-y', 'mcp-marshal@1.2.3', 'serve'],
  ['npx', '-y', '-p', 'mcp-marshal', 'mcp-marshal', 'serve'],
  ['bunx', 'mcp-marshal@latest'],
  ['node', '/opt/mcp-marshal/dist/main.js', 'serve'],
  ['node', '--enable-source-maps', 'node_modules/mcp-marshal/dist/main.js'],
  ['node', './node_modules/.bin/mcp-marshal', 'serve'],
  ['sh', '-c', 'exec npx mcp-marshal serve'],
  ['cmd', '/c', 'npx', '-y', 'mcp-marshal'],
])('%s %s %s %s starts this program again', (command, ...args) => {
  expect(startsMarshal(command, args)).toBe(true);
});

test.each([
  ['npx', '-y', '@modelcontextprotocol/server-filesystem', '/home/ann/mcp-marshal'],
  ['npx', 'mcp-marshal-tools'],
  ['npx', '@other/server'],
  ['node', 'server.js', '--name=mcp-marshal'],
  ['node', '/opt/other/dist/main.js'],
  ['sh', '-c', 'echo not-mcp-marshal'],
])('%s %s %s %s is another program', (command, ...args) => {
  expect(startsMarshal(command, args)).toBe(false);
});
