import type { LockRule, Policy, Rule, ToolRule, WhenRule } from '../../src/config/policy.ts';
import type { Annotations, Tool, ToolClass } from '../../src/core/tool.ts';

type Lists = Partial<Record<Rule['list'], readonly string[]>>;
interface Entry {
  class?: ToolClass;
  when?: readonly Omit<WhenRule, 'place'>[];
  locks?: readonly LockRule[] | 'none';
  barrier?: boolean;
}
type Settings = Partial<Omit<Policy, 'rules' | 'tools'>> & { tools?: Record<string, Entry> } & Lists;

/** A policy as the loader would give it, each rule on a line of its own. */
export function makePolicy({
  tools = {},
  read,
  write,
  destructive,
  deny,
  ask,
  allow,
  untrusted,
  private: secret,
  exfiltrates,
  ...settings
}: Settings): Policy {
  let line = 0;
  const place = (): Rule['place'] => ({ file: 'policies/test.yaml', line: ++line, column: 3 });
  const toRules = (list: Rule['list'], patterns: readonly string[] = []): Rule[] =>
    patterns.map((pattern) => ({ list, pattern, place: place() }));
  return {
    annotations: 'trust',
    unannotated: 'write',
    retryTimeouts: false,
    remember: 'none',
    unruled: { batch: 'ask', passthrough: 'allow' },
    limits: {},
    domain: 'files',
    base: '/srv',
    foldCase: false,
    rules: [
      ...toRules('read', read),
      ...toRules('write', write),
      ...toRules('destructive', destructive),
      ...toRules('deny', deny),
      ...toRules('ask', ask),
      ...toRules('allow', allow),
      ...toRules('untrusted', untrusted),
      ...toRules('private', secret),
      ...toRules('exfiltrates', exfiltrates),
    ],
    tools: Object.entries(tools).map(([tool, entry]): ToolRule => {
      const own = { tool, place: place() };
      const when = (entry.when ?? []).map((rule) => Object.assign({ place: place() }, rule));
      return Object.assign(own, entry, { when });
    }),
    ...settings,
  };
}

/** A tool as an upstream would list it. */
export function makeTool(name: string, annotations?: Annotations): Tool {
  return { name, inputSchema: { type: 'object' }, ...(annotations && { annotations }) };
}
