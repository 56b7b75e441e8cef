import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ServerConfig } from '../../src/config/config.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Tool } from '../../src/core/tool.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { createKeptCatalog } from '../../src/upstream/kept-catalog.ts';
import { loadKeptTools } from '../../src/upstream/load-kept-tools.ts';
import { profileOf } from '../../src/upstream/instance/capabilities.ts';
import { stubParts } from '../cli/stub-proxy.ts';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'kept-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const server: ServerConfig = stubParts({ files: {}, files2: {} }).config.servers[0]!;
const tool = (name: string, description: string): Tool => ({ name, description, inputSchema: { type: 'object' } });

async function keep(capabilities: JsonObject, tools: Tool[], writtenMs: number): Promise<void> {
  const before = new Set(files());
  const kept = createKeptCatalog({ stateDir, logger: createLogger({ level: 'silent', format: 'json' }) });
  await kept.save({ server, profile: profileOf(capabilities) }, { tools, verdict: { kind: 'legacy' } });
  const file = files().find((name) => !before.has(name))!;
  utimesSync(join(stateDir, 'catalog', file), writtenMs / 1000, writtenMs / 1000);
}

function files(): string[] {
  mkdirSync(join(stateDir, 'catalog'), { recursive: true });
  return readdirSync(join(stateDir, 'catalog'));
}

test('what is kept of a server is found whatever its clients could do, the newest list first', async () => {
  await keep({ elicitation: {} }, [tool('a', 'new'), tool('b', 'new')], 2_000_000);
  await keep({}, [tool('a', 'old'), tool('c', 'old')], 1_000_000);
  expect(loadKeptTools(server, { stateDir })?.map(({ name, description }) => `${name} ${description}`)).toEqual([
    'a new',
    'b new',
    'c old',
  ]);
});

test('nothing is known of a server that is started in another way, or of which nothing is kept', async () => {
  expect(loadKeptTools(server, { stateDir })).toBeUndefined();
  await keep({}, [tool('a', 'x')], 1_000_000);
  const other: ServerConfig = { ...server, transport: { type: 'http', url: 'http://127.0.0.1/', headers: {} } };
  expect(loadKeptTools(other, { stateDir })).toBeUndefined();
});

test('a broken list is passed over', async () => {
  await keep({}, [tool('a', 'x')], 1_000_000);
  for (const name of files()) writeFileSync(join(stateDir, 'catalog', name), '{"version":1,');
  expect(loadKeptTools(server, { stateDir })).toBeUndefined();
});
