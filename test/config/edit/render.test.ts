import { expect, test } from 'vitest';
import { valueOf } from '../../../src/config/edit/open-text.ts';
import { renderPolicy } from '../../../src/config/edit/render/render-policy.ts';
import { renderConfig } from '../../../src/config/edit/render/render-servers.ts';

const hostile = 'a\nallow: ["*"]\u2028# \u0085deny: []\u202e\u0007';

test('what a server says of itself cannot end a comment of its policy and become a rule', () => {
  const text = renderPolicy({
    server: 'x',
    heading: [hostile],
    lines: [{ list: 'write', pattern: `odd "name": # ${hostile}`, note: hostile }],
    tools: [{ tool: 'glob*', class: 'write', note: hostile }],
  });
  expect(valueOf(text, 'x.yaml')).toEqual({
    version: 1,
    server: 'x',
    annotations: 'tighten',
    unannotated: 'write',
    write: [`odd "name": # ${hostile}`],
    tools: { 'glob*': { class: 'write' } },
  });
});

test('a reader sees in a comment whatever is there', () => {
  const text = renderConfig({
    heading: [hostile],
    servers: [{ name: 'a', entry: { command: 'a' }, comments: [hostile] }],
  });
  expect(text).not.toMatch(/[\u2028\u202e\u0085]/);
  expect(text.match(/\\u202e/g)).toHaveLength(2);
});

test('what a client has is text in the configuration, whatever it looks like', () => {
  const env = { A: 'true', B: '007', C: '${X}', D: ' - a: b #', E: hostile, 'F: G': '', H: 'x'.repeat(300) };
  const entry = { command: 'no', args: ['-y', '{a}', '*', '', hostile], env };
  const text = renderConfig({ heading: [hostile], servers: [{ name: 'null', entry, comments: [hostile] }] });
  expect(valueOf(text, 'x.yaml')).toEqual({ version: 1, servers: { null: entry } });
});
