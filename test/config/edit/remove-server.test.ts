import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addServers } from '../../../src/config/edit/add-servers.ts';
import { removeServer } from '../../../src/config/edit/remove-server.ts';

const file = 'marshal.yaml';
const cut = (text: string, name = 'b'): string | undefined => removeServer(text, { file, name });

describe('a server that is taken out', () => {
  test.each([
    [
      'with its own comments, and not with those of others',
      'version: 1\n# all\nservers:\n  # of a\n  a: { command: a } # mine\n  # of b\n  b:\n    command: b # own\n    # deeper\n  # of c\n  c: { command: c }\n',
      'version: 1\n# all\nservers:\n  # of a\n  a: { command: a } # mine\n  # of c\n  c: { command: c }\n',
    ],
    [
      'with one of the blank lines around it',
      'servers:\n  a: { command: a }\n\n  b:\n    command: b\n\n  c: { command: c }\n\nbatch: {}\n',
      'servers:\n  a: { command: a }\n\n  c: { command: c }\n\nbatch: {}\n',
    ],
    [
      'as the first one',
      'servers:\n  b:\n    command: b\n\n  c: { command: c }\nversion: 1\n',
      'servers:\n  c: { command: c }\nversion: 1\n',
    ],
    [
      'as the last one, before other keys and at the end of a file without an end of line',
      'servers:\n  a: { command: a }\n  b:\n    args:\n      - |\n        x\n\n        y\n    command: b',
      'servers:\n  a: { command: a }\n',
    ],
    [
      'as the only one, so that the configuration stays one',
      'version: 1\nservers: # mine\n  b:\n    command: b\nbatch: {}\n',
      'version: 1\nservers: {} # mine\nbatch: {}\n',
    ],
    [
      'with the line ends of the file',
      'servers:\r\n  a: { command: a }\r\n  b:\r\n    command: b\r\nversion: 1\r\n',
      'servers:\r\n  a: { command: a }\r\nversion: 1\r\n',
    ],
    [
      'from between braces',
      'servers: { a: { command: a }, b: { command: b }, c: { command: c } }\n',
      'servers: { a: { command: a }, c: { command: c } }\n',
    ],
    [
      'from the end of braces',
      'servers: { a: { command: a }, b: { command: b } }\n',
      'servers: { a: { command: a } }\n',
    ],
    [
      'and keeps the comment of one that was there before, a blank line away',
      'servers:\n  a: { command: a }\n  # old: { command: old }\n\n  # of b\n  b: { command: b }\nversion: 1\n',
      'servers:\n  a: { command: a }\n  # old: { command: old }\n\nversion: 1\n',
    ],
  ])('goes %s', (_, before, after) => {
    expect(cut(before)).toBe(after);
  });

  test.each([
    ['whose value another one repeats', 'servers:\n  b: &b { command: b }\n  c: *b\n'],
    ['which is not there', 'servers:\n  a: { command: a }\n'],
    ['in a text that is no mapping', 'servers: [\n'],
    ['whose key is written in another way', 'servers:\n  ? b\n  : { command: b }\n'],
  ])('stays where nothing safe can be done: one %s', (_, text) => {
    expect(cut(text)).toBeUndefined();
  });
});

test('whatever the configuration: what was added and is taken out again leaves it as it was, to the last byte', () => {
  const name = fc.constantFrom('a', 'c', 'd-e');
  const lines = fc.constantFrom(
    (one: string) => `  ${one}: { command: x }\n`,
    (one: string) => `  ${one}:\n    command: x # why\n    env:\n      A: |\n        1\n\n        2\n`,
    (one: string) => `  # about ${one}\n  ${one}:\n    command: x\n\n`,
    (one: string) => `  ${one}:\n    command: x\n    # more\n`,
  );
  const servers = fc.uniqueArray(fc.tuple(name, lines), { maxLength: 3, selector: ([one]) => one });
  const ends = fc.constantFrom('', '\n', 'batch: {}\n', '# end\n', '\n# end\nbatch:\n  maxCalls: 5\n');
  const added = {
    name: 'b',
    comments: ['Why.', 'And so.'],
    entry: { command: 'npx', args: ['-y', 'x'], env: { A: '1' } },
  };
  fc.assert(
    fc.property(servers, ends, (all, end) => {
      const list = all.length === 0 ? 'servers: {}\n' : `servers:\n${all.map(([one, line]) => line(one)).join('')}`;
      const text = `# top\nversion: 1\n\n${list}${end}`;
      const more = addServers(text, { file, servers: [added] });
      expect(more).toContain('  b:\n');
      expect(cut(more ?? '')).toBe(text);
    }),
  );
});
