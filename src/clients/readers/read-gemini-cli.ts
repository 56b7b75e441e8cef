import { isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { valueAt } from '../client.ts';
import type { ClientRule, ReadClient, RuleTarget } from '../client.ts';
import { entriesOf, takeNotes, textsOf } from './reading.ts';
import type { Notes } from './reading.ts';

/**
 * Gemini CLI: `settings.json`, and `*.toml` of its policy engine.
 *
 * | key                              | meaning                                                                  | source                          |
 * | -------------------------------- | ------------------------------------------------------------------------ | ------------------------------- |
 * | `mcpServers.NAME.trust`          | true: nothing of this server is asked                                    | its documentation: MCP servers  |
 * | `mcpServers.NAME.includeTools`   | no tools but these                                                       | the same                        |
 * | `mcpServers.NAME.excludeTools`   | not these, whatever `includeTools` says                                  | the same                        |
 * | `mcp.excluded`                   | servers that are not connected                                           | its documentation: configuration |
 * | `tools.exclude`, `tools.allowed` | tools by name, those of servers as `mcp_SERVER_TOOL` or `SERVER__TOOL`   | the same; the first is old      |
 * | `general.defaultApprovalMode`    | `yolo`: nothing is asked                                                 | the same                        |
 * | `[[rule]]` of policies           | `toolName`, `mcpName`, `decision`; the highest `priority` wins           | its documentation: policy engine |
 */
export const readGeminiCli: ReadClient = (source) => {
  const notes = takeNotes(source);
  const { value, file } = source;
  if (file.path.endsWith('.toml')) {
    addPolicies(notes, valueAt(value, 'rule'));
    return notes.reading;
  }
  for (const [name, entry] of entriesOf(valueAt(value, 'mcpServers'))) {
    notes.server(['mcpServers', name], name, entry);
    addServer(notes, name, entry);
  }
  for (const { text, index } of textsOf(valueAt(value, 'mcp', 'excluded'))) {
    notes.off(text);
    notes.leave(['mcp', 'excluded', index], `mcp.excluded ${text}`, 'write enabled: false at its entry in servers');
  }
  for (const [key, list] of [
    ['exclude', 'deny'],
    ['allowed', 'allow'],
  ] as const) {
    for (const { text, index } of textsOf(valueAt(value, 'tools', key))) {
      addName(notes, { path: ['tools', key, index], list, text });
    }
  }
  if (valueAt(value, 'general', 'defaultApprovalMode') === 'yolo') {
    notes.mode(['general', 'defaultApprovalMode'], 'general.defaultApprovalMode: yolo');
  }
  return notes.reading;
};

function addServer(notes: Notes, server: string, entry: JsonObject): void {
  const path = ['mcpServers', server];
  if (entry['trust'] === true) {
    const written = `mcpServers.${server}.trust: true`;
    notes.rule([...path, 'trust'], { list: 'allow', target: { server, tool: '*' }, written });
  }
  if (Array.isArray(entry['includeTools'])) {
    const reason = 'a policy lists what is denied, and has no list of all that is allowed; deny the others by name';
    notes.leave([...path, 'includeTools'], `mcpServers.${server}.includeTools`, reason);
  }
  for (const { text, index } of textsOf(entry['excludeTools'])) {
    const written = `mcpServers.${server}.excludeTools ${text}`;
    notes.rule([...path, 'excludeTools', index], { list: 'deny', target: { server, tool: text }, written });
  }
}

function addName(notes: Notes, rule: { path: (string | number)[]; list: ClientRule['list']; text: string }): void {
  const { path, list, text } = rule;
  const written = `tools.${path[1]} ${text.split('(')[0]}${text.includes('(') ? '(…)' : ''}`;
  const target = text.includes('(') ? undefined : targetOf(text);
  if (target === undefined) notes.leave(path, written, "it is about a tool of the client's own, or about arguments");
  else notes.rule(path, { list, target, written });
}

/** A full name of an MCP tool; nothing for what may be a tool of the client. */
function targetOf(name: string): RuleTarget | undefined {
  const [, server, tool] = /^(.+?)__(.+)$/.exec(name) ?? [];
  if (name.startsWith('mcp_') && !name.startsWith('mcp__')) return { name: name.slice('mcp_'.length), mark: '_' };
  return server !== undefined && tool !== undefined ? { name, mark: '__' } : undefined;
}

const decisions = new Map<unknown, ClientRule['list']>([
  ['allow', 'allow'],
  ['ask_user', 'ask'],
  ['deny', 'deny'],
]);
/** Conditions that a policy of ours cannot have. */
const conditions = [
  'argsPattern',
  'commandPrefix',
  'commandRegex',
  'subagent',
  'toolAnnotations',
  'modes',
  'interactive',
];

function addPolicies(notes: Notes, rules: unknown): void {
  if (!Array.isArray(rules)) return;
  rules.forEach((rule: unknown, index) => {
    if (!isJsonObject(rule)) return;
    const path = ['rule', index];
    const { toolName, mcpName, decision } = rule;
    const list = decisions.get(decision);
    const names = typeof toolName === 'string' ? [toolName] : textsOf(toolName).map(({ text }) => text);
    const targets = typeof mcpName === 'string' ? withServer(mcpName, names) : names.map(targetOfPolicy);
    const written = `rule ${[mcpName, ...names].filter((part) => typeof part === 'string').join(' ')}: ${typeof decision === 'string' ? decision : 'no decision'}`;
    const condition = conditions.find((key) => rule[key] !== undefined);
    for (const target of targets) {
      if (target === undefined) notes.leave(path, written, "it is about a tool of the client's own, no MCP tool");
      else if (list === undefined) notes.leave(path, written, 'its decision is none of allow, ask_user and deny');
      else if (condition !== undefined) notes.leave(path, written, `it depends on ${condition}, and a policy cannot`);
      else notes.rule(path, { list, target, written });
    }
  });
}

function withServer(server: string, tools: readonly string[]): RuleTarget[] {
  return (tools.length === 0 ? ['*'] : tools).map((tool) => ({ server, tool }));
}

/** `*` means every tool, those of servers too. */
function targetOfPolicy(name: string): RuleTarget | undefined {
  return name === '*' ? { server: '*', tool: '*' } : targetOf(name);
}
