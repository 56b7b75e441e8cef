import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkRecipe } from '../../../src/batch/recipe/check-recipe.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { createClientHome } from '../../clients/client-home.ts';
import type { ClientHome } from '../../clients/client-home.ts';
import { fakeIo } from '../fake-io.ts';
import { stubParts } from '../stub-proxy.ts';
import type { StubServer } from '../stub-proxy.ts';

let place: ClientHome;
beforeEach(() => {
  place = createClientHome([]);
});
afterEach(() => place.remove());

/** `init --yes` at a terminal, whose servers answer as the test says. */
async function initWith(servers: Record<string, StubServer>): Promise<string> {
  const written = Object.fromEntries(Object.keys(servers).map((name) => [name, { command: `${name}-mcp` }]));
  place.write('home/.cursor/mcp.json', JSON.stringify({ mcpServers: written }));
  const fake = fakeIo({ isTerminal: true, env: { HOME: place.home }, cwd: place.project });
  const { parts } = stubParts(servers);
  const load: typeof loadConfig = (options) => loadConfig({ ...options, checkRecipe });
  expect(await runCli(['init', '--yes'], fake.io, { ...parts, loadConfig: load })).toBe(0);
  return fake.out() + fake.err();
}

test('what a server says as it dies is shown at a terminal, and no credential in it', async () => {
  const reason = 'it exited with code 3; its last words on stderr: bad token sk-canary1234567890abcdef';
  const shown = await initWith({ crash: { state: { state: 'failed', reason } } });
  expect(shown.match(/its last words/g)).toHaveLength(2);
  expect(shown).not.toContain('canary');
});

test('a server that wants a login is named with what to type, and how its policy is proposed after that', async () => {
  const shown = await initWith({ mail: { state: { state: 'failed', reason: 'it wants a login', needsLogin: true } } });
  expect(shown).toContain('then: mcp-marshal login mail\n');
  expect(shown).toContain('then: mcp-marshal import --policies --write\n');
});
