import { buildCatalog } from '../../../src/catalog/build-catalog.ts';
import type { Tool } from '../../../src/core/tool.ts';
import type { Engine } from '../../../src/serve/engine.ts';
import type { Setup } from '../../../src/serve/setup.ts';
import { makePolicy } from '../../policy/make-policy.ts';
import { stubEngine } from '../stub-engine.ts';

type Options = Omit<Parameters<typeof stubEngine>[0] & object, 'tools' | 'servers' | 'policy'> & {
  policy?: Parameters<typeof makePolicy>[0];
} & Partial<Pick<Setup, 'surface' | 'maxDescriptionChars'>>;

/** An engine whose servers have these tools. */
export function engineWith(
  tools: Record<string, readonly Tool[]>,
  { surface = 'passthrough', maxDescriptionChars, policy: rules = {}, ...options }: Options = {},
): Engine & { sent: ReturnType<typeof stubEngine>['sent'] } {
  const servers = Object.keys(tools);
  const { engine, sent } = stubEngine({ ...options, servers });
  const policy = makePolicy(rules);
  const catalog = buildCatalog(
    servers.map((server) => ({ server, policy, tools: tools[server] ?? [] })),
    { naming: options.naming ?? 'prefixed' },
  );
  const setup: Setup = {
    ...engine.setup(),
    surface,
    ...(maxDescriptionChars !== undefined && { maxDescriptionChars }),
  };
  return { ...engine, sent, catalog: () => catalog, setup: () => setup };
}

/** Tools with these names, reads where they begin as reads do. */
export function toolsNamed(...names: string[]): Tool[] {
  return names.map((name) => ({
    name,
    description: `Does ${name}.`,
    inputSchema: { type: 'object' },
    annotations: { readOnlyHint: /^(get|list|read)/.test(name) },
  }));
}
