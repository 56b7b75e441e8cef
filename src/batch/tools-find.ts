import type { BatchConfig } from '../config/config.ts';
import type { Tool } from '../core/tool.ts';
import { ownToolMeta } from './batch-tools.ts';
import { findToolName } from './own-tools.ts';

/** `tools_find` as clients list it that do not list all tools. Clients pay for it in every turn, so it says what a model must know and no more. */
export function toolsFind(settings: BatchConfig): Tool {
  return {
    name: findToolName,
    title: 'Find tools',
    description:
      'Finds tools that are not in your list, by what they do ("close an issue") or by server. Gives names, arguments and classes. An exact name gives its whole description.',
    inputSchema: {
      type: 'object',
      properties: { query: { type: 'string' }, limit: { type: 'integer' } },
      required: ['query'],
    },
    annotations: { readOnlyHint: true },
    _meta: ownToolMeta(settings),
  };
}
