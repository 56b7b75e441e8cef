import { expect, test } from 'vitest';
import { planEdit, planUndo } from '../../../src/clients/registration/plan-edit.ts';
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

const blocks =
  'mcpServers:\n  - name: memory\n    command: node\n    args:\n      - x\n  - name: other\n    command: node\n';
const flow = 'mcpServers: [{name: memory, command: node, args: [x]}, {name: other, command: node}]\n';
const none = 'mcpServers: []\n';

test.each([
  ['a list that is indented otherwise', blocks, blocks.replaceAll('\n  ', '\n')],
  ['a list that is indented more', blocks, blocks.replaceAll('\n  ', '\n      ')],
  ['a list in brackets', blocks, flow],
  ['an empty list in brackets', blocks, none],
  ['a list of lines', flow, blocks],
  ['no list', flow, 'name: mine\n'],
])(
  'a server that was taken out of a file comes back, although somebody has written it anew with %s',
  (_, text, later) => {
    const edited = planEdit(text, { traits, name: 'marshal', entry, originals: ['memory'] });
    if (!edited.ok) throw new Error(edited.reason);
    expect(edited.done.switched).toMatchObject([{ name: 'memory' }]);
    const { parse, take } = serverTextOf(traits.table);
    const rewritten = take(later, 'memory')?.text ?? later;
    const undone = planUndo(rewritten, { table: traits.table, switchOff: traits.switchOff, done: edited.done });
    if (!undone.ok) throw new Error(undone.reason);
    expect(parse(undone.text)?.['mcpServers']).toContainEqual({ name: 'memory', command: 'node', args: ['x'] });
  },
);
