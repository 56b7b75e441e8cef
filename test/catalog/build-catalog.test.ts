import { describe, expect, it } from 'vitest';
import { buildCatalog } from '../../src/catalog/build-catalog.ts';
import { findTool } from '../../src/catalog/find-tool.ts';
import type { Tool } from '../../src/core/tool.ts';
import { makePolicy, makeTool } from '../policy/make-policy.ts';

describe('the catalogue', () => {
  it('shows a client every field of the upstream, under the exposed name and with repaired annotations', () => {
    const tool: Tool = {
      ...makeTool('get', { title: 'Get' }),
      description: 'Gets.',
      outputSchema: { type: 'object' },
      _meta: { a: 1 },
      icons: [{ src: 'x' }],
    };
    const catalog = buildCatalog([{ server: 'a', policy: makePolicy({ read: ['get'] }), tools: [tool] }], {
      naming: 'prefixed',
    });
    expect(catalog.listed).toEqual([
      { ...tool, name: 'a__get', annotations: { title: 'Get', readOnlyHint: true, destructiveHint: false } },
    ]);
    expect(catalog.entries[0]).toMatchObject({
      exposedName: 'a__get',
      server: 'a',
      classification: { class: 'read' },
      batchDecision: { decision: 'allow' },
      passthroughDecision: { decision: 'allow' },
    });
    expect(catalog.entries[0]?.tool).toBe(tool);
    expect(catalog.warnings).toEqual([]);
  });

  it('adds no annotations where nobody gives any', () => {
    const catalog = buildCatalog([{ server: 'a', policy: makePolicy({}), tools: [makeTool('x')] }], { naming: 'bare' });
    expect(catalog.listed).toEqual([makeTool('x')]);
    expect(catalog.listed[0]).not.toHaveProperty('annotations');
  });

  it('does not list a denied tool, and keeps it to say so', () => {
    const policy = makePolicy({ deny: ['drop'], destructive: ['wipe'] });
    const tools = [makeTool('drop'), makeTool('wipe')];
    const catalog = buildCatalog([{ server: 'a', policy, tools }], { naming: 'prefixed' });
    expect(catalog.listed.map((tool) => tool.name)).toEqual(['a__wipe']);
    expect(catalog.byExposedName.get('a__drop')?.batchDecision.decision).toBe('deny');
    expect(catalog.byExposedName.get('a__wipe')?.batchDecision.decision).toBe('ask');
  });

  it('does not list what is denied since no rule decides, as long as no call of it can be less than destructive', () => {
    const policy = makePolicy({
      destructive: ['wipe'],
      allow: ['purge'],
      unruled: { batch: 'ask', passthrough: 'deny' },
      tools: {
        purge: { class: 'destructive' },
        merge: { class: 'destructive', when: [{ args: { trial: [true] }, class: 'write' }] },
      },
    });
    const tools = [makeTool('wipe'), makeTool('purge'), makeTool('merge'), makeTool('write')];
    const catalog = buildCatalog([{ server: 'a', policy, tools }], { naming: 'prefixed' });
    expect(catalog.listed.map(({ name }) => name)).toEqual(['a__purge', 'a__merge', 'a__write']);
    expect([...catalog.byExposedName.get('a__merge')!.classes].sort()).toEqual(['destructive', 'write']);
  });

  it('says of a destructive tool that it is one, though nobody is asked about a call of it by itself', () => {
    const policy = makePolicy({ destructive: ['wipe'], unruled: { batch: 'allow', passthrough: 'allow' } });
    const { listed } = buildCatalog([{ server: 'a', policy, tools: [makeTool('wipe')] }], { naming: 'prefixed' });
    expect(listed[0]?.annotations).toMatchObject({ destructiveHint: true, readOnlyHint: false });
  });

  it('keeps a tool that is not what the lock file says from being listed and called, and warns of it once', () => {
    const tools = [makeTool('get'), makeTool('put')];
    const quarantineOf = ({ name }: Tool): string | undefined => (name === 'get' ? 'its description' : undefined);
    const source = { server: 'a', policy: makePolicy({ allow: ['*'] }), tools, quarantineOf };
    const catalog = buildCatalog([source], { naming: 'prefixed' });
    expect(catalog.listed.map(({ name }) => name)).toEqual(['a__put']);
    expect(catalog.warnings).toEqual([
      'a: "get" differs from the lock file: its description; it is not called until mcp-marshal lock --update',
    ]);
    const decision = { decision: 'deny', code: 'tool_changed', reason: 'its description' };
    expect(catalog.byExposedName.get('a__get')).toMatchObject({
      quarantine: 'its description',
      batchDecision: decision,
      passthroughDecision: decision,
    });
    expect(findTool(catalog, 'gett')).toEqual({ kind: 'unknown', near: [] });
  });

  it('names the first 20 tools in quarantine, and counts the others of each server', () => {
    const tools = Array.from({ length: 15 }, (_, index) => makeTool(`t${index}`));
    const quarantineOf = (): string => 'it is new';
    const sources = ['a', 'b', 'c'].map((server) => ({ server, policy: makePolicy({}), tools, quarantineOf }));
    const { warnings } = buildCatalog(sources, { naming: 'prefixed' });
    expect(warnings).toHaveLength(22);
    expect(warnings.slice(19)).toEqual([
      'b: "t4" differs from the lock file: it is new; it is not called until mcp-marshal lock --update',
      'b: 10 more tools differ from the lock file',
      'c: 15 more tools differ from the lock file',
    ]);
  });

  it('knows what policy marks a tool with', () => {
    const policy = makePolicy({ untrusted: ['get*'], private: ['get_mail'], exfiltrates: ['send'] });
    const tools = [makeTool('get_mail'), makeTool('get_page'), makeTool('send'), makeTool('x')];
    const { entries } = buildCatalog([{ server: 'a', policy, tools }], { naming: 'prefixed' });
    expect(entries.map(({ marks }) => marks)).toEqual([['untrusted', 'private'], ['untrusted'], ['exfiltrates'], []]);
  });

  it('keeps the sound tools beside broken ones, with a warning for each of those', () => {
    const tools = [null, { name: '' }, { name: 'noSchema' }, makeTool('x'), { ...makeTool('x'), title: 'second' }];
    const catalog = buildCatalog(
      [
        { server: 'a', policy: makePolicy({}), tools: JSON.parse(JSON.stringify(tools)) },
        { server: 'b', policy: makePolicy({}), tools: [makeTool('x')] },
      ],
      { naming: 'prefixed' },
    );
    expect(catalog.listed).toEqual([
      { name: 'a__noSchema', inputSchema: { type: 'object' } },
      makeTool('a__x'),
      makeTool('b__x'),
    ]);
    expect(catalog.warnings).toEqual([
      'a: tool 1 of the list is not an object; left out',
      'a: tool 2 of the list has no name; left out',
      'a: "noSchema" has no input schema; treated as any object',
      'a: "x" is listed twice; the first one is used',
    ]);
  });

  it('leaves what the upstreams gave untouched', () => {
    const tools = Object.freeze([freeze(makeTool('x')), freeze(makeTool('y'))]);
    const sources = [{ server: 'a', policy: makePolicy({ write: ['x'] }), tools }];
    expect(() => buildCatalog(sources, { naming: 'prefixed' })).not.toThrow();
    expect(tools[0]?.annotations).toEqual({ readOnlyHint: true });
  });
});

function freeze(tool: Tool): Tool {
  return Object.freeze({ ...tool, annotations: Object.freeze({ readOnlyHint: true }) });
}
