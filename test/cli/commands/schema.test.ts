import { expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run-cli.ts';
import { configJsonSchema, policyJsonSchema } from '../../../src/config/schema/json-schema.ts';
import { fakeIo } from '../fake-io.ts';
import { stubParts } from '../stub-proxy.ts';

test.each([
  { argv: ['schema'], printed: { config: configJsonSchema(), policy: policyJsonSchema() } },
  { argv: ['schema', 'config'], printed: configJsonSchema() },
  { argv: ['schema', 'policy'], printed: policyJsonSchema() },
  { argv: ['schema', 'policy', '--json'], printed: { version: 1, data: policyJsonSchema() } },
])('$argv prints the schema as JSON', async ({ argv, printed }) => {
  const { io, out } = fakeIo({});
  expect(await runCli(argv, io, stubParts({}).parts)).toBe(0);
  expect(JSON.parse(out())).toEqual(printed);
});
