import { describe, expect, test } from 'vitest';
import { parseUriTemplate } from '../../src/catalog/uri-template.ts';
import { cpuMs } from '../cpu-ms.ts';

describe('a URI template', () => {
  test.each([
    ['x:a', 'x:a'],
    ['x://{id}', 'x://1'],
    ['x://{id}/y', 'x://1/y'],
    ['x://{a}-{b}', 'x://1-2-3'],
    ['x://{a,b}', 'x://1,2'],
    ['x://{a}{b}', 'x://12'],
    ['file:///{+path}', 'file:///a/b/c'],
    ['file:///{path*}', 'file:///a'],
    ['x:{#part}', 'x:#a/b'],
    ['x:{#part}', 'x:'],
    ['x://a{/b}', 'x://a/b'],
    ['x://a{/b*}', 'x://a/b/c'],
    ['x://a{.type}', 'x://a.json'],
    ['x://a{;p}', 'x://a;p=1'],
    ['x://a{?q,r}', 'x://a?q=1&r=2'],
    ['x://a{?q}', 'x://a'],
    ['x://a?fixed=1{&q}', 'x://a?fixed=1&q=2'],
    ['x://{+any}/end', 'x://a/b/end/end'],
    ['{scheme}:{+rest}', 'x:y/z'],
  ])('%s could make %s', (template, uri) => {
    expect(parseUriTemplate(template)(uri)).toBe(true);
  });

  test.each([
    ['x:a', 'x:ab'],
    ['x://{id}', 'x://'],
    ['x://{id}', 'x://1/2'],
    ['x://{id}/y', 'x://1/z'],
    ['x://{id}', 'y://1'],
    ['x://a{/b}', 'x://a/b/c'],
    ['x://a{?q}', 'x://ab'],
    ['x://{a}{b}', 'x://1'],
    ['file:///{+path}', 'file:///'],
    ['X:a', 'x:a'],
    ['', 'x:a'],
  ])('%s could not make %s', (template, uri) => {
    expect(parseUriTemplate(template)(uri)).toBe(false);
  });

  test.each(['x:{', 'x:}', 'x:{a', 'x:a}', 'x:{{a}}', 'x:{a}b}'])('that is broken (%s) makes nothing', (template) => {
    for (const uri of [template, 'x:', 'x:a', 'x:ab']) expect(parseUriTemplate(template)(uri)).toBe(false);
  });

  test.each(['{a}', '{+a}', '{+a}a', '{?a}a', '{a}x', 'a{/b*}'])(
    'of a server that means harm (%s, again and again) takes no time to speak of, nor do a hundred',
    (part) => {
      const matches = parseUriTemplate(part.repeat(20));
      const uris = ['a'.repeat(1_000), 'ax'.repeat(500), `${'a/'.repeat(499)}c`];
      const startedMs = cpuMs();
      for (let index = 0; index < 100; index++) for (const uri of uris) matches(`${uri.slice(1)}${index}`);
      // 300 comparisons: what backtracks would take years for one.
      expect(cpuMs() - startedMs).toBeLessThan(2_000);
    },
  );

  test('that is too long, or has too much to fill in, or is compared with too long a URI, makes nothing', () => {
    expect(parseUriTemplate(`${'a'.repeat(499)}b`)(`${'a'.repeat(499)}b`)).toBe(true);
    expect(parseUriTemplate('a'.repeat(501))('a'.repeat(501))).toBe(false);
    expect(parseUriTemplate('{+a}')('a'.repeat(1_000))).toBe(true);
    expect(parseUriTemplate('{+a}')('a'.repeat(1_001))).toBe(false);
    expect(parseUriTemplate('{a}'.repeat(20))('a'.repeat(20))).toBe(true);
    expect(parseUriTemplate('{a}'.repeat(21))('a'.repeat(21))).toBe(false);
  });
});
