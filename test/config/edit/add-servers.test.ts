import { describe, expect, test } from 'vitest';
import { addServers } from '../../../src/config/edit/add-servers.ts';
import { valueOf } from '../../../src/config/edit/open-text.ts';

const added = { name: 'new', entry: { command: 'npx', args: ['-y', 'x'] }, comments: ['From\nCursor.'] };

describe('servers that are added to a configuration', () => {
  test.each([
    ['version: 1\nservers:\n  a: { command: a } # mine\n\nbatch: {}\n', 'marshal.yaml'],
    ['version: 1\nservers:\n    a:\n        command: a\n        args:\n            - b\n# end', 'marshal.yaml'],
    ['servers:\r\n  a:\r\n    command: a\r\nversion: 1\r\n', 'marshal.yaml'],
    [
      'version: 1\nservers:\n  a:\n    command: a\n    env:\n      TEXT: |\n        one\n        two\nbatch: {}\n',
      'marshal.yaml',
    ],
    ['{ "version": 1, /* mine */ "servers": { "a": { "command": "a" } } }', 'marshal.json'],
    ['version: 1\nservers: {}\n', 'marshal.yaml'],
  ])('stand beside the others, and nothing else changes: %#', (text, file) => {
    const edited = addServers(text, { file, servers: [added, { ...added, name: 'newer' }] });
    const names = Object.keys(Object(valueOf(edited ?? '', file)?.['servers']));
    expect([...names].sort()).toEqual([...(text.includes('"a"') || text.includes(' a:') ? ['a'] : []), 'new', 'newer']);
    for (const line of text.split('\n').filter((one) => !one.includes('{'))) expect(edited).toContain(line);
    if (text.includes('mine')) expect(edited).toContain('mine');
  });

  test('are not added to what is not a valid mapping', () => {
    expect(addServers('servers: [\n', { file: 'marshal.yaml', servers: [added] })).toBeUndefined();
    expect(addServers('servers: &a\n  x: *b\n', { file: 'marshal.yaml', servers: [added] })).toBeUndefined();
  });
});
