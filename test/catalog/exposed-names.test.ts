import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dotlessName, exposedNames as namesOf, shortName } from '../../src/catalog/exposed-names.ts';

const at = (server: string, tool: string): { server: string; tool: string } => ({ server, tool });

function exposedNames(
  tools: readonly ReturnType<typeof at>[],
  naming: 'prefixed' | 'bare',
  away: readonly string[] = [],
): (string | undefined)[] {
  return namesOf(tools, { naming, servers: [...tools.map(({ server }) => server), ...away] });
}

describe('the name under which clients see a tool', () => {
  it('is server__tool', () => {
    expect(exposedNames([at('github', 'get_issue')], 'prefixed')).toEqual(['github__get_issue']);
  });

  it('is cut at 64 characters and ends in a hash, the same on every start', () => {
    const tool = 'a'.repeat(80);
    const [name, other] = exposedNames([at('files', tool), at('files', `${tool}b`)], 'prefixed');
    expect(name).toBe(`files__${'a'.repeat(48)}_8f415216`);
    expect(name).toHaveLength(64);
    expect(other).toHaveLength(64);
    expect(other).not.toBe(name);
  });

  it('holds only characters that clients accept', () => {
    const [slash, space] = exposedNames([at('files', 'a/b'), at('files', 'a b')], 'prefixed');
    expect(slash).toMatch(/^files__a_b_[0-9a-f]{8}$/);
    expect(space).toMatch(/^files__a_b_[0-9a-f]{8}$/);
    expect(space).not.toBe(slash);
  });

  it('is given to neither of two tools that want it', () => {
    const names = exposedNames([at('a', 'b__c'), at('a__b', 'c')], 'prefixed');
    expect(names[0]).toMatch(/^a__b__c_[0-9a-f]{8}$/);
    expect(names[1]).toMatch(/^a__b__c_[0-9a-f]{8}$/);
    expect(names[0]).not.toBe(names[1]);
  });

  it('is never bare where that reads as the name of a recipe', () => {
    expect(exposedNames([at('food', 'recipe__find')], 'bare')).toEqual(['food__recipe__find']);
  });

  it('is never bare where that could be the cut name of another tool, which clients with short names would see twice', () => {
    const long = { exposedName: 'a_tool_with_a_name_that_is_too_long_for_some_of_the_clients', server: 'good' };
    const cut = shortName({ ...long, tool: { name: long.exposedName } }, 52);
    const dotless = dotlessName({ exposedName: 'get.user', server: 'good', tool: { name: 'get.user' } });
    const tools = [at('good', long.exposedName), at('good', 'get.user'), at('evil', cut), at('evil', dotless)];
    expect(exposedNames(tools, 'bare')).toEqual([
      long.exposedName,
      'get.user',
      expect.stringMatching(/^evil__a_tool_with/),
      expect.stringMatching(/^evil__get_user_/),
    ]);
  });

  it('is bare where wanted and no other tool has it', () => {
    const tools = [at('a', 'get'), at('b', 'get'), at('b', 'put'), at('b', 'x y')];
    expect(exposedNames(tools, 'bare')).toEqual(['a__get', 'b__get', 'put', expect.stringMatching(/^b__x_y_/)]);
  });

  it('is never that of one of our own tools', () => {
    const tools = ['batch_call', 'batch_read', 'batch_await', 'batch_cancel', 'tools_find'].map((tool) =>
      at('a', tool),
    );
    expect(exposedNames(tools, 'bare')).toEqual(tools.map(({ tool }) => `a__${tool}`));
  });

  it.each(['github__get_issue', 'github.get_issue', 'mcp__marshal__github__get_issue', 'mcp__marshal__get_issue'])(
    'is never bare where that, as with %s, reads as the name of a tool of another server, be it there or away',
    (tool) => {
      const names = ['other__' + tool, 'get_issue'];
      expect(exposedNames([at('other', tool), at('github', 'get_issue')], 'bare')).toEqual(names);
      expect(exposedNames([at('other', tool)], 'bare', ['github'])).toEqual(names.slice(0, 1));
    },
  );

  it('is unique, acceptable and independent of the order of servers, whatever the tools are called', () => {
    const part = fc.constantFrom('a', 'b', 'a__b', 'b__a', 'a_b', 'ä', '__', 'tools_find', 'x'.repeat(70));
    const tools = fc.uniqueArray(fc.record({ server: part, tool: part }), {
      selector: ({ server, tool }) => `${server}\n${tool}`,
    });
    fc.assert(
      fc.property(tools, fc.constantFrom('prefixed', 'bare'), (given, naming) => {
        const names = exposedNames(given, naming);
        expect(new Set(names).size).toBe(given.length);
        for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_.-]{1,64}$/);
        expect(exposedNames(given.toReversed(), naming).toReversed()).toEqual(names);
      }),
    );
  });
});
