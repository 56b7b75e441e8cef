import { describe, expect, it } from 'vitest';
import { nearestNames } from '../../src/policy/nearest-names.ts';

describe('the names that were perhaps meant', () => {
  it('are the nearest first, three at most, letter case apart', () => {
    const names = ['get_issues', 'Get_Issue', 'get_tissue', 'set_issue', 'delete_repository'];
    expect(nearestNames('get_isue', names)).toEqual(['Get_Issue', 'get_issues', 'get_tissue']);
    expect(nearestNames('get_isue', names, 1)).toEqual(['Get_Issue']);
  });

  it('are none where nothing is alike', () => {
    expect(nearestNames('xyz', ['get_issue', 'search'])).toEqual([]);
    expect(nearestNames('', [])).toEqual([]);
  });

  it('are found at once among names of any length', () => {
    const endless = 'x'.repeat(2_000_000);
    expect(nearestNames(`${endless}y`, [endless, `${endless}z`])).toEqual([]);
  }, 2_000);
});
