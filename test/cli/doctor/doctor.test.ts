import { mkdirSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkRecipe } from '../../../src/batch/recipe/check-recipe.ts';
import { exitCodes } from '../../../src/cli/failure.ts';
import type { CliParts } from '../../../src/cli/context.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { readJournals } from '../../../src/journal/read-journals.ts';
import { fakeIo } from '../fake-io.ts';
import { stubParts } from '../stub-proxy.ts';
import { createSetup, findTold, ownServer } from './doctor-setup.ts';
import type { Setup } from './doctor-setup.ts';
import { faults } from './offline-faults.ts';

/** Files are really read; nothing may be connected to. */
const parts: CliParts = {
  ...stubParts({}).parts,
  loadConfig: (options) => loadConfig({ ...options, checkRecipe }),
  readJournals,
  createProxy() {
    throw new Error('a proxy was made');
  },
};

const { command, args, cwd } = ownServer;
const lock = JSON.stringify({
  version: 1,
  servers: { files: { launch: { command, args, env: [], cwd }, tools: {} } },
});

function newSetup(): Setup {
  const setup = createSetup({ lock });
  onTestFinished(() => setup.close());
  return setup;
}

async function doctor(
  setup: Setup,
  words: readonly string[] = [],
): Promise<{ code: number; out: string; err: string }> {
  const { PATH = '' } = process.env;
  const env = { HOME: setup.home, PATH, FAR_KEY: 'abcdefgh' };
  const { io, out, err } = fakeIo({ stdin: '', cwd: setup.path, env });
  const code = await runCli(['doctor', '--offline', ...words], io, parts);
  return { code, out: out(), err: err() };
}

test('has nothing to say of files that are in order, and connects to nothing when told so', async () => {
  const { code, out, err } = await doctor(newSetup());
  expect(out).toMatch(/\n {2}files {2}not asked\n/);
  expect(out).toMatch(/\n0 problems, 0 warnings, 0 notes\n$/);
  expect({ code, err }).toEqual({ code: exitCodes.ok, err: '' });
});

test.each(faults)('finds $name, and names the mend', async ({ prepare, says, fix, code }) => {
  const setup = newSetup();
  await prepare(setup);
  const told = await doctor(setup);
  const found = findTold(told.out, says);
  // Where it is not told of, what is told instead says why.
  expect(found?.line ?? told.out + told.err).toMatch(/^(?:problem|warning): /);
  expect(found?.mend).toMatch(fix);
  expect(told).toMatchObject({ code });
});

test('told to connect to nothing it writes nothing either: the state folder is as it was', async () => {
  const setup = newSetup();
  const state = join(setup.path, 'state');
  mkdirSync(state, { mode: 0o700 });
  const longAgo = new Date(1_000_000_000_000);
  utimesSync(state, longAgo, longAgo);
  expect((await doctor(setup)).code).toBe(exitCodes.ok);
  expect(statSync(state).mtime).toEqual(longAgo);
  expect(readdirSync(state)).toEqual([]);
});

test('a secret is named and never printed, for people or for programs', async () => {
  const setup = newSetup();
  const secret = 'hunter2hunter2hunter2';
  setup.serve({
    far: { url: `https://example.com/mcp?api_key=${secret}`, headers: { 'X-Api-Key': secret } },
    near: {
      ...ownServer,
      args: [...ownServer.args, '--api-key', secret, `--token=${secret}`],
      env: { A_PASSWORD: secret },
    },
  });
  setup.claude({ near: { command: 'x', args: ['--token', secret], env: { A_TOKEN: secret } } });
  for (const words of [[], ['--json']]) {
    const { out, err } = await doctor(setup, words);
    expect(out + err).not.toContain('hunter2');
    for (const key of ['far.url', 'far.headers.X-Api-Key', 'near.args', 'near.env.A_PASSWORD']) {
      expect(out).toContain(`servers.${key} looks like a secret`);
    }
  }
});

test('a file that a client cannot read is told of, since it may hold what matters', async () => {
  const setup = newSetup();
  const file = setup.write('home/.codex/config.toml', 'a = ');
  const { code, out } = await doctor(setup);
  expect(findTold(out, `${file}:1:5: is not valid TOML`)?.mend).toContain(`correct ${file}`);
  expect(code).toBe(1);
});

test('a broken configuration does not keep the clients from being looked at, and decides over the exit code', async () => {
  const setup = newSetup();
  setup.change({ servers: { github: {} } });
  setup.write('home/.claude/settings.json', '{"permissions":{"allow":["mcp__marshal"]}}');
  const { code, out } = await doctor(setup);
  expect(out).toContain('servers.github: has neither command nor url');
  expect(out).toContain('so nobody is asked');
  expect(out).toMatch(/state +skipped +not looked at: the configuration is not valid/);
  expect(code).toBe(2);
});

test('findings come the worst first, and notes alone are no reason to fail', async () => {
  const setup = newSetup();
  setup.serve({});
  setup.write('home/.codex/config.toml', '');
  const { code, out } = await doctor(setup, ['--json']);
  const { data } = JSON.parse(out);
  expect(data.findings).toMatchObject([{ level: 'note', code: 'no-lock' }]);
  expect(data.configuration).toBe(join(setup.path, 'marshal.yaml'));
  expect(code).toBe(0);
});
