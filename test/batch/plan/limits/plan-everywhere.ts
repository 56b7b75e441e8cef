import { createArgumentValidator } from '../../../../src/batch/plan/argument-validator.ts';
import { createPrepare } from '../../../../src/batch/plan/create-prepare.ts';
import { planBatch } from '../../../../src/batch/plan/plan-batch.ts';
import { planPassthrough } from '../../../../src/batch/plan/plan-passthrough.ts';
import { buildCatalog } from '../../../../src/catalog/build-catalog.ts';
import type { ServerConfig } from '../../../../src/config/config.ts';
import type { Policy } from '../../../../src/config/policy.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import type { PlannedCall } from '../../../../src/core/plan.ts';
import type { Tool } from '../../../../src/core/tool.ts';
import { callAt, ok, requestOf, text } from '../../tiny-catalog.ts';

/** The policy of a server `wiki` that says nothing. */
export const silentPolicy: Policy = {
  annotations: 'trust',
  unannotated: 'write',
  retryTimeouts: false,
  remember: 'none',
  unruled: { batch: 'ask', passthrough: 'allow' },
  rules: [],
  tools: [],
  limits: {},
  domain: 'wiki',
  base: '/',
  foldCase: false,
};

/** A call of a tool of `wiki` as it is planned in a batch, as an element of a call, and as a call of its own. */
export function planEverywhere(
  tool: Tool,
  { policy, args = {} }: { policy: Policy; args?: JsonObject },
): PlannedCall[] {
  const catalog = buildCatalog([{ server: 'wiki', policy, tools: [tool] }], { naming: 'prefixed' });
  const server: ServerConfig = {
    name: 'wiki',
    place: { file: 'marshal.yaml', line: 1, column: 1 },
    transport: { type: 'http', url: 'http://127.0.0.1/mcp', headers: {} },
    policy,
    launch: { type: 'http', url: 'http://127.0.0.1/mcp', headers: [] },
    enabled: true,
    maxParallel: 8,
    maxParallelWrites: 8,
    maxParallelIsSet: false,
    parallel: 'none',
  };
  const name = `wiki__${tool.name}`;
  const bag = {
    request: requestOf([
      { tool: name, arguments: args },
      { tool: name, arguments: { ...args, page: { $item: '' } }, forEach: { $result: 'c0' } },
    ]),
    catalog,
    servers: new Map([['wiki', server]]),
    validate: createArgumentValidator(),
    readOnly: false,
  };
  const planned = planBatch({ ...bag, batchId: 'b' });
  if (!planned.ok) throw new Error(planned.error.message);
  const prepared = createPrepare({ ...bag, entries: planned.plan.entries })(callAt(planned.plan, 1), [ok(text('[1]'))]);
  const element = prepared.kind === 'each' ? prepared.entries[0] : undefined;
  const alone = planPassthrough(catalog.byExposedName.get(name)!, { args, server });
  if (element?.kind !== 'run' || !alone.ok) throw new Error(`${name} does not run`);
  return [callAt(planned.plan, 0), element.call, alone.call];
}
