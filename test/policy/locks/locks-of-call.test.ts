import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LockRule, Policy } from '../../../src/config/policy.ts';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { modesConflict, renderLock } from '../../../src/core/lock.ts';
import type { Lock } from '../../../src/core/lock.ts';
import type { ToolClass } from '../../../src/core/tool.ts';
import { locksOfCall } from '../../../src/policy/locks/locks-of-call.ts';
import { makePolicy } from '../make-policy.ts';

type Settings = Partial<Pick<Policy, 'base' | 'foldCase'>>;
const withLocks = (locks: readonly LockRule[] | 'none', settings: Settings = {}): Policy =>
  makePolicy({ ...settings, tools: { t: { locks } } });
const locks = (policy: Policy, args: JsonObject, toolClass: ToolClass = 'read'): Lock[] =>
  locksOfCall({ policy, toolName: 't', class: toolClass, args, route: 'batch' });
const shown = (policy: Policy, args: JsonObject, toolClass?: ToolClass): string[] =>
  locks(policy, args, toolClass).map(renderLock);
const conflict = (a: readonly Lock[], b: readonly Lock[]): boolean =>
  a.some((one) => b.some((other) => one.node === other.node && modesConflict(one.mode, other.mode)));

const byPath: readonly LockRule[] = [{ arg: 'path', type: 'path' }];
const read = (path: string): Lock[] => locks(withLocks(byPath), { path }, 'read');
const write = (path: string): Lock[] => locks(withLocks(byPath), { path }, 'write');
const pathKey = (path: JsonValue, settings?: Settings): string | undefined =>
  locks(withLocks(byPath, settings), { path }, 'write').find((lock) => lock.mode === 'X')?.node;

describe('the locks of a call without a lock rule', () => {
  it.each([
    ['read', 'batch', ['IS (everything)', 'S files']],
    ['write', 'batch', ['IX (everything)', 'X files']],
    ['destructive', 'batch', ['IX (everything)', 'X files']],
    ['read', 'passthrough', ['IS (everything)', 'IS files']],
    ['write', 'passthrough', ['IX (everything)', 'IX files']],
  ] as const)('%s over %s: %j', (toolClass, route, expected) => {
    const policy = makePolicy({});
    const found = locksOfCall({ policy, toolName: 't', class: toolClass, args: {}, route });
    expect(found.map(renderLock)).toEqual(expected);
  });

  it.each(['batch', 'passthrough'] as const)(
    'are everything for a barrier over %s, whatever its class and rules',
    (route) => {
      const barrier = makePolicy({
        tools: { t: { barrier: true }, u: { barrier: true, locks: byPath }, v: { barrier: false } },
      });
      const of = (toolName: string): string[] =>
        locksOfCall({ policy: barrier, toolName, class: 'read', args: { path: '/a' }, route }).map(renderLock);
      expect([of('t'), of('u')]).toEqual([['X (everything)'], ['X (everything)']]);
      expect(of('v')).not.toContain('X (everything)');
    },
  );

  it('are the domain for an empty list of rules, and nothing for none', () => {
    expect(shown(withLocks([]), {})).toEqual(['IS (everything)', 'S files']);
    expect(locks(withLocks('none'), {}, 'write')).toEqual([]);
  });
});

describe('the locks of a call with lock rules', () => {
  it('are intentions above, and the key itself by the class of the call', () => {
    const args = { path: '/a/b' };
    expect(shown(withLocks(byPath), args, 'read')).toEqual([
      'IS (everything)',
      'IS files',
      'IS files/a',
      'S files/a/b',
    ]);
    expect(shown(withLocks(byPath), args, 'write').at(-1)).toBe('X files/a/b');
    expect(shown(withLocks(byPath), args, 'destructive').at(-1)).toBe('X files/a/b');
  });

  it('go by the mode of the rule where it has one, whatever the class', () => {
    const excluding = withLocks([{ arg: 'path', type: 'path', mode: 'write' }]);
    const sharing = withLocks([{ arg: 'path', type: 'path', mode: 'read' }]);
    expect(shown(excluding, { path: '/a' }, 'read').at(-1)).toBe('X files/a');
    expect(shown(sharing, { path: '/a' }, 'destructive').at(-1)).toBe('S files/a');
  });

  it('are the same for a call of its own', () => {
    const request = { policy: withLocks(byPath), toolName: 't', class: 'write', args: { path: '/a' } } as const;
    expect(locksOfCall({ ...request, route: 'passthrough' })).toEqual(locksOfCall({ ...request, route: 'batch' }));
  });

  it('are one key per rule and per element, each with its own mode', () => {
    const copy = withLocks([
      { arg: 'from', type: 'path', mode: 'read' },
      { arg: 'to', type: 'path', mode: 'write' },
    ]);
    const copied = shown(copy, { from: '/a/x', to: '/b/y' }, 'write');
    expect(copied).toEqual(expect.arrayContaining(['S files/a/x', 'X files/b/y', 'IS files/a', 'IX files/b']));
    const many = withLocks([{ arg: 'paths', type: 'path' }]);
    expect(shown(many, { paths: ['/a', '/b', '/a'] })).toEqual([
      'IS (everything)',
      'IS files',
      'S files/a',
      'S files/b',
    ]);
    const nested = withLocks([{ arg: 'files.path', type: 'path' }]);
    expect(shown(nested, { files: [{ path: '/a' }, { path: '/b' }] })).toContain('S files/b');
  });

  it.each<[string, JsonObject]>([
    ['missing', {}],
    ['null', { path: null }],
    ['an object', { path: { of: '/a' } }],
    ['a boolean', { path: true }],
    ['empty', { path: '' }],
    ['an empty array', { path: [] }],
    ['among arguments that a reference fills as a whole', { $result: 'c0', path: '/a' }],
    ['an array with something unknown in it', { path: ['/a', null] }],
    ['filled by a reference', { path: { $result: 'c0', path: '/file' } }],
    ['partly filled by references', { path: ['/a', { $result: 'c0' }] }],
    ['a home directory', { path: '~/a' }],
    ['relative to the current directory of a drive', { path: 'C:a' }],
    ['a file URL that cannot be decoded', { path: 'file:///%zz' }],
    ['inherited only', JSON.parse('{"__proto__": {"path": "/a"}}')],
  ])('cover the whole domain where the argument is %s', (_, args) => {
    expect(shown(withLocks(byPath), args, 'write')).toEqual(['IX (everything)', 'X files']);
    expect(shown(withLocks(byPath), args, 'read')).toEqual(['IS (everything)', 'S files']);
  });

  it('are not misled by a reference that has a field of the name', () => {
    const dotted = withLocks([{ arg: 'target.path', type: 'path' }]);
    expect(shown(dotted, { target: { path: '/a' } })).toContain('S files/a');
    expect(shown(dotted, { target: { $result: 'c0', path: '/a' } })).toEqual(['IS (everything)', 'S files']);
    const many = withLocks([{ arg: 'files.path', type: 'path' }]);
    expect(shown(many, { files: [{ path: '/a' }, {}] })).toEqual(['IS (everything)', 'S files']);
  });

  it('stay few, however much a caller names', () => {
    const paths = Array.from({ length: 5_000 }, (_, index) => `/${index}`);
    expect(shown(withLocks([{ arg: 'path', type: 'path' }]), { path: paths })).toEqual(['IS (everything)', 'S files']);
    const deep = locks(withLocks(byPath), { path: '/a'.repeat(100_000) }, 'write');
    expect(deep.length).toBeLessThan(100);
    expect(conflict(deep, locks(withLocks(byPath), { path: '/a'.repeat(90) }, 'read'))).toBe(true);
  });
});

describe('a path as a key', () => {
  it.each([
    ['/a/b', 'files/a/b'],
    ['/a//b/', 'files/a/b'],
    ['/a/./c/../b', 'files/a/b'],
    ['/../../a/b', 'files/a/b'],
    ['//a/b', 'files/a/b'],
    ['\\a\\b', 'files/a/b'],
    ['b', 'files/srv/b'],
    ['./b', 'files/srv/b'],
    ['../b', 'files/b'],
    ['../../../b', 'files/b'],
    ['.', 'files/srv'],
    ['/', 'files'],
    ['/..', 'files'],
    [42, 'files/srv/42'],
    ['file:///a/b%20c', 'files/a/b c'],
    ['FILE:///a/b', 'files/a/b'],
    ['file://localhost/a', 'files/a'],
    ['file://host/share/a', 'files/host/share/a'],
    ['file:///C:/a', 'files/C:/a'],
    ['file:b', 'files/srv/file:b'],
    ['c:\\a\\..\\b', 'files/C:/b'],
    ['C:/..', 'files/C:'],
    ['C:', 'files/C:'],
    ['\\\\host\\share', 'files/host/share'],
    ['/cafe\u0301', 'files/caf\u00e9'],
    ['/A/ß', 'files/A/ß'],
  ])('%j is %s', (path, expected) => {
    expect(pathKey(path)).toBe(expected);
  });

  it('stays on the drive of its base', () => {
    const settings = { base: 'd:\\srv\\x' };
    expect(pathKey('a', settings)).toBe('files/D:/srv/x/a');
    expect(pathKey('..\\..\\..\\a', settings)).toBe('files/D:/a');
    expect(pathKey('\\a', settings)).toBe('files/D:/a');
    expect(pathKey('e:\\a', settings)).toBe('files/E:/a');
  });

  it('forgets letter case only where files do', () => {
    expect(pathKey('/A/STRASSE', { foldCase: true })).toBe(pathKey('/a/straße', { foldCase: true }));
    expect(pathKey('/A')).not.toBe(pathKey('/a'));
  });

  const name = fc.stringMatching(/^[a-c]{1,2}$/);
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join('/')}`);
  const spelling = fc.constantFrom<(text: string, extra: string) => string>(
    (text) => text,
    (text) => `${text}/`,
    (text) => text.replaceAll('/', '//'),
    (text) => text.replaceAll('/', '\\'),
    (text) => text.replaceAll('/', '/./'),
    (text, extra) => `/${extra}/..${text}`,
    (text, extra) => `${text}/${extra}/..`,
    (text) => `..${text}`,
    (text) => `file://${text}`,
  );

  it('is one and the same however it is spelt, so that two writes of one file conflict', () => {
    fc.assert(
      fc.property(path, name, spelling, spelling, (text, extra, one, other) => {
        expect(read(one(text, extra))).toEqual(read(other(text, extra)));
        expect(conflict(write(one(text, extra)), write(other(text, extra)))).toBe(true);
      }),
    );
  });

  it('conflicts with the directories above it and with everything below it, and with nothing else', () => {
    fc.assert(
      fc.property(path, path, (one, other) => {
        const related = `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
        expect(conflict(write(one), read(other))).toBe(related);
        expect(conflict(write(one), write(other))).toBe(related);
        expect(conflict(read(one), read(other))).toBe(false);
      }),
    );
  });
});

describe('a URL as a key', () => {
  const byUrl = withLocks([{ arg: 'url', type: 'url' }]);
  const urlKey = (url: JsonValue): string | undefined => locks(byUrl, { url }, 'write').at(-1)?.node;

  it.each([
    ['https://example.com/a/b', 'files/https:~1~1example.com/a/b'],
    ['HTTPS://Example.COM:443/a//b/?q=1#part', 'files/https:~1~1example.com/a/b'],
    ['https://user:secret@example.com./a/./x/../b', 'files/https:~1~1example.com/a/b'],
    ['https://example.com/%61/b', 'files/https:~1~1example.com/a/b'],
    ['https://example.com', 'files/https:~1~1example.com'],
    ['http://example.com:8080/', 'files/http:~1~1example.com:8080'],
    ['https://example.com/%zz', 'files/https:~1~1example.com/%zz'],
    ['not a URL', 'files'],
    ['/a/b', 'files'],
    [7, 'files'],
  ])('%j is %s', (url, expected) => {
    expect(urlKey(url)).toBe(expected);
  });
});

describe('an id as a key', () => {
  const byId = withLocks([{ arg: 'id', type: 'id' }]);
  const idKey = (id: JsonValue): string | undefined => locks(byId, { id }, 'write').at(-1)?.node;

  it('is opaque, and a number is its decimal text', () => {
    expect(idKey(42)).toBe('files/42');
    expect(idKey('42')).toBe('files/42');
    expect(idKey(0)).toBe('files/0');
    expect(idKey('a/../b')).toBe('files/a~1..~1b');
    expect(idKey('A')).not.toBe(idKey('a'));
  });
});
