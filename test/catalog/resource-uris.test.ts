import { describe, expect, test } from 'vitest';
import { exposedUris, parseResourceAddress, resourceAddress } from '../../src/catalog/resource-uris.ts';

const servers = new Set(['files', 'mail', 'notes']);

describe('the URI of a resource', () => {
  test('stays its own where no other server has it', () => {
    const offered = [
      { server: 'files', uri: 'file:///a' },
      { server: 'mail', uri: 'mail:1' },
      { server: 'mail', uri: '' },
    ];
    expect(exposedUris(offered, servers)).toEqual(['file:///a', 'mail:1', '']);
  });

  test('names its server too where two servers have it, whoever comes first', () => {
    const offered = [
      { server: 'files', uri: 'x:a' },
      { server: 'mail', uri: 'x:b' },
      { server: 'mail', uri: 'x:a' },
    ];
    expect(exposedUris(offered, servers)).toEqual(['marshal:files/x:a', 'x:b', 'marshal:mail/x:a']);
    expect(exposedUris(offered.toReversed(), servers)).toEqual(['marshal:mail/x:a', 'x:b', 'marshal:files/x:a']);
  });

  test('stays its own where one server lists it twice', () => {
    const offered = [
      { server: 'files', uri: 'x:a' },
      { server: 'files', uri: 'x:a' },
    ];
    expect(exposedUris(offered, servers)).toEqual(['x:a', 'x:a']);
  });

  test('that reads as one of another server names its own: nobody takes the reads of others', () => {
    const taken = { server: 'mail', uri: 'marshal:files/x:a' };
    const [exposed = ''] = exposedUris([taken], servers);
    expect(parseResourceAddress(exposed, servers)).toEqual(taken);
  });

  test.each(['x:a', '', '/', 'a/b:c', 'marshal:mail/x', 'x:{id}{?q}'])('%j is found again behind its server', (uri) => {
    expect(parseResourceAddress(resourceAddress({ server: 'notes', uri }), servers)).toEqual({ server: 'notes', uri });
  });

  test.each(['marshal:', 'marshal:files', 'marshal:other/x', 'marshal:/x', 'MARSHAL:files/x', 'x:marshal:files/x'])(
    '%j names no server',
    (uri) => {
      expect(parseResourceAddress(uri, servers)).toBeUndefined();
    },
  );
});
