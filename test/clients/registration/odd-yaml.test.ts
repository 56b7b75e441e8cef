import { expect, test } from 'vitest';
import { planEdit } from '../../../src/clients/registration/plan-edit.ts';
import { traitsOf } from '../../../src/clients/registration/registration.ts';
import { serverTextOf } from '../../../src/clients/registration/text/server-text.ts';

const traits = traitsOf('continue', undefined);
const entry = { command: '/usr/bin/node', args: ['/opt/main.js', 'serve'] };

test.each([
  ['on a line of its own', 'mcpServers:\n  -\n    name: memory\n    command: node\n'],
  ['with a comment', 'mcpServers:\n  - # mine\n    name: memory\n    command: node\n'],
  ['with an anchor', 'mcpServers:\n  - &mine\n    name: memory\n    command: node\n'],
])('an element whose dash is %s is not taken out without its dash', (_how, text) => {
  const edited = planEdit(text, { traits, name: 'marshal', entry, originals: ['memory'] });
  if (!edited.ok) throw new Error(edited.reason);
  expect(edited.notSwitched).toEqual(['memory']);
  expect(serverTextOf(traits.table).parse(edited.text)?.['mcpServers']).toMatchObject([
    { name: 'memory' },
    { name: 'marshal' },
  ]);
});
