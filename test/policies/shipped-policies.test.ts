import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/config/policy.ts';
import { toolClasses, worseClass } from '../../src/core/tool.ts';
import { classifyTool } from '../../src/policy/classify-tool.ts';
import { decideCall } from '../../src/policy/decide-call.ts';
import { readRecordings, readShipped } from './shipped.ts';

const shipped = await readShipped();
const proven = shipped.flatMap(({ recording, ...rest }) => (recording === undefined ? [] : [{ ...rest, recording }]));

/** Words of a name that say that something is lost, leaves the house, costs money, or that any code runs. */
const dangerous =
  /(?:^|[-_.])(?:delete|remove|drop|destroy|erase|purge|truncate|reset|wipe|kill|terminate|execute|exec|eval|evaluate|run|send|post|publish|deploy|merge|refund|cancel|transfer|pay|buy|upload|write|sql)(?:$|[-_.])|(?:delete|remove|destroy)[A-Z]/i;
/** Merge requests are things, not deeds. */
const isDangerous = (name: string): boolean => dangerous.test(name.replaceAll(/merge_requests?/g, 'proposal'));
/** Tools that run anything, move money, write to people or lose what has no copy: the ones to be sure of. */
const mostDangerous = [
  'chrome-devtools evaluate_script',
  'desktop-commander start_process',
  'git git_reset',
  'github-npm merge_pull_request',
  'gitlab merge_merge_request',
  'kubernetes exec_in_pod',
  'kubernetes kubectl_generic',
  'mongodb aggregate',
  'n8n n8n_test_workflow',
  'playwright browser_run_code_unsafe',
  'postgres query',
  'puppeteer puppeteer_evaluate',
  'redis delete',
  'sentry execute_sentry_tool',
  'slack slack_post_message',
  'sqlite write_query',
  'stripe create_refund',
  'stripe finalize_invoice',
  'supabase execute_sql',
];

/** Every name that a rule of the policy speaks of. */
function ruledNames(policy: Policy): Set<string> {
  return new Set([...policy.rules.map(({ pattern }) => pattern), ...policy.tools.map(({ tool }) => tool)]);
}

/** Rules for tools that the server lists only for some accounts, so that a recording cannot have them. */
const unlisted: Record<string, string[]> = {
  // Described only after the server has asked its service what there is.
  supabase: ['search_docs'],
};

describe('the policies that ship with the package', () => {
  it('are at least 20, and at least 15 of them are held against what the server itself lists', () => {
    expect(shipped.length).toBeGreaterThanOrEqual(20);
    expect(proven.length).toBeGreaterThanOrEqual(15);
  });

  it('come with the lists of at least 300 tools', () => {
    const tools = readRecordings().flatMap((recording) => recording.tools);
    expect(tools.length).toBeGreaterThanOrEqual(300);
  });

  it.each(shipped)('say what they are for and what they were held against: $name', ({ policy, recording }) => {
    const { tools, documentation, date } = policy.proven ?? {};
    expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    if (recording === undefined) {
      expect(tools).toBeUndefined();
      expect(documentation).toMatch(/^https:\/\//);
    } else {
      expect({ tools, documentation }).toEqual({ tools: `npm:${recording.package}@${recording.version}` });
    }
  });

  it.each(shipped)('take a tool that they do not know for a write, or for what it warns of: $name', ({ policy }) => {
    const classOf = (annotations: Record<string, boolean>): string =>
      classifyTool({ name: 'brand_new_tool', inputSchema: {}, annotations }, policy).class;
    expect(classOf({})).toBe('write');
    expect(classOf({ readOnlyHint: true })).toBe('write');
    expect(classOf({ readOnlyHint: true, destructiveHint: true })).toBe('destructive');
  });

  it.each(shipped)('name no tool in two ways: $name', ({ policy }) => {
    const classed = policy.rules
      .filter(({ list }) => toolClasses.some((one) => one === list))
      .map(({ pattern }) => pattern);
    const single = policy.tools.filter((rule) => rule.class !== undefined).map(({ tool }) => tool);
    const all = [...classed, ...single];
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
  });

  it.each(shipped)(
    'name tools in full, so that a new one is never taken for an old and milder one: $name',
    ({ policy }) => {
      const patterns = policy.rules.filter(({ pattern }) => /[*?]/.test(pattern));
      expect(patterns.filter(({ list }) => list !== 'destructive').map(({ pattern }) => pattern)).toEqual([]);
    },
  );
});

describe('a policy held against the tools that its server lists', () => {
  it.each(proven)('has a rule for every tool: $name', ({ policy, recording }) => {
    const unruled = recording.tools.filter((tool) => classifyTool(tool, policy).source !== 'rule');
    expect(unruled.map(({ name }) => name)).toEqual([]);
  });

  it.each(proven)('has a tool for every rule: $name', ({ name, policy, recording }) => {
    const listed = new Set([...recording.tools.map((tool) => tool.name), ...(unlisted[name] ?? [])]);
    const names = [...ruledNames(policy)].filter((pattern) => !pattern.includes('*'));
    // The reference server lists these only to clients that can answer them.
    const hidden = name === 'everything' ? /^(?:trigger-|get-roots-list|simulate-research)/ : /^$/;
    expect(names.filter((tool) => !listed.has(tool) && !hidden.test(tool))).toEqual([]);
  });

  it.each(proven)(
    '[shipped] takes no tool for a read that its server says destroys or changes something: $name',
    ({ policy, recording }) => {
      const wrong = recording.tools.filter(({ annotations = {}, ...tool }) => {
        const warns = annotations.destructiveHint === true || annotations.readOnlyHint === false;
        return warns && classifyTool(tool, policy).class === 'read';
      });
      expect(wrong.map(({ name }) => name)).toEqual([]);
    },
  );

  it.each(proven)(
    'names only arguments that its tools have, and values that they take: $name',
    ({ policy, recording }) => {
      const wrong = policy.tools.flatMap((rule) => {
        const tool = recording.tools.find(({ name }) => name === rule.tool);
        const properties: Record<string, unknown> = Object(tool?.inputSchema['properties']);
        const locks = Array.isArray(rule.locks) ? rule.locks.map(({ arg }) => arg) : [];
        const cases = rule.when.flatMap((one) => Object.entries(one.args));
        const args = [...locks, ...cases.map(([arg]) => arg)];
        const values = cases.flatMap(([arg, wanted]) => {
          const known: unknown = Object(properties[arg]).enum;
          return Array.isArray(known) ? wanted.filter((value) => !known.includes(value)).map(String) : [];
        });
        const strange = args.filter((arg) => tool !== undefined && !Object.hasOwn(properties, arg));
        return [...strange, ...values].map((word) => `${rule.tool} ${word}`);
      });
      expect(wrong).toEqual([]);
    },
  );
});

describe('no policy takes for harmless', () => {
  it.each(shipped)('[shipped] what its name says is dangerous: $name', ({ policy, recording }) => {
    const names = recording?.tools.map((tool) => tool.name) ?? [...ruledNames(policy)];
    const reads = names.filter((tool) => classifyTool({ name: tool, inputSchema: {} }, policy).class === 'read');
    expect(reads.filter(isDangerous)).toEqual([]);
  });

  it.each(mostDangerous)('what is asked about in a batch: %s', (key) => {
    const [name, toolName = ''] = key.split(' ');
    const { policy } = shipped.find((one) => one.name === name)!;
    const tool = { name: toolName, inputSchema: {} };
    const classification = classifyTool(tool, policy);
    expect(classification).toMatchObject({ class: 'destructive', source: 'rule' });
    expect(decideCall({ tool, policy, classification, route: 'batch' }).decision).toBe('ask');
  });

  it.each(shipped)('a call whose arguments it does not know: $name', ({ policy }) => {
    for (const { tool: name, when } of policy.tools) {
      const unknown = classifyTool({ name, inputSchema: {} }, policy, {}).class;
      for (const one of when) expect([name, worseClass(unknown, one.class)]).toEqual([name, unknown]);
    }
  });
});
