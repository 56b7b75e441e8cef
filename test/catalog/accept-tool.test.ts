import { describe, expect, it } from 'vitest';
import { acceptTool } from '../../src/catalog/accept-tool.ts';

describe('a tool as its upstream lists it', () => {
  it('is taken as it is, unknown fields included', () => {
    const tool = { name: 'x', inputSchema: { type: 'object' }, icons: [{ src: 'x' }], 'x-vendor': 1 };
    expect(acceptTool(tool)).toEqual({ tool, flaws: [] });
    expect(acceptTool(tool).tool).toBe(tool);
  });

  it.each([[null], ['x'], [[]], [{}], [{ name: 7 }], [{ name: '  ' }]])('is left out without a name: %j', (listed) => {
    const { tool, flaws } = acceptTool(listed);
    expect(tool).toBeUndefined();
    expect(flaws).toEqual([expect.stringContaining('left out')]);
  });

  it.each([
    [undefined, { type: 'object' }],
    [null, { type: 'object' }],
    ['object', { type: 'object' }],
    [true, { type: 'object' }],
    [{ type: 'string' }, { type: 'object' }],
    [{ type: ['object', 'null'] }, { type: 'object' }],
    [{ properties: { a: {} } }, { properties: { a: {} }, type: 'object' }],
  ])('is treated as taking an object where its input schema is %j', (inputSchema, expected) => {
    const { tool, flaws } = acceptTool({ name: 'x', inputSchema, extra: 1 });
    expect(tool).toEqual({ name: 'x', inputSchema: expected, extra: 1 });
    expect(flaws).toHaveLength(1);
  });

  it('loses optional fields that clients would reject the whole list for, with a warning each', () => {
    const listed = {
      name: 'x',
      inputSchema: { type: 'object' },
      title: 1,
      description: null,
      outputSchema: 'x',
      _meta: [],
    };
    const { tool, flaws } = acceptTool({ ...listed, annotations: 'readOnly' });
    expect(tool).toEqual({ name: 'x', inputSchema: { type: 'object' } });
    expect(flaws).toHaveLength(5);
    expect(flaws).toContain('has a description that is not a string; ignored');
  });
});
