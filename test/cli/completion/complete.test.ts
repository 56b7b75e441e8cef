import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { offerLines } from '../../../src/cli/completion/candidate.ts';
import { grammarOf } from '../../../src/cli/completion/grammar.ts';
import type { Grammar } from '../../../src/cli/completion/grammar.ts';
import { byPlace } from '../../../src/cli/completion/value-kinds.ts';
import { shells } from '../../../src/cli/completion/shells.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { fakeIo } from '../fake-io.ts';
import { batchOf, fakeJournal } from '../journal/fake-journal.ts';
import { stubParts } from '../stub-proxy.ts';

let cwd: string;
beforeEach(() => void (cwd = mkdtempSync(join(tmpdir(), 'complete-'))));
afterEach(() => rmSync(cwd, { recursive: true }));

/** The words offered at the end of these, and the mode, as the scripts get them. */
async function complete(...words: string[]): Promise<string[]> {
  const journal = fakeJournal({ batches: [batchOf(), batchOf({ batchId: '80aa01' })] });
  const fake = fakeIo({ cwd, env: { HOME: cwd } });
  const parts = { ...stubParts({}).parts, readJournals: () => journal };
  expect(await runCli(['complete', '--', ...words], fake.io, parts)).toBe(0);
  expect(fake.err()).toBe('');
  return fake
    .out()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0] ?? '');
}

function grammar(): Grammar {
  return grammarOf(buildProgram(fakeIo({}).io, { version: '1', isJson: false, run: async () => {} }));
}

describe('completion', () => {
  test('knows every command that the help has, and none that it hides', async () => {
    const commands = await complete('');
    expect(commands).toEqual(grammar().commands.map(({ name }) => name));
    expect(commands).toEqual(expect.arrayContaining(['serve', 'batch', 'report', 'completion', 'help']));
    expect(commands).not.toContain('complete');
  });

  test.each([
    { typed: ['re'], offered: ['report', 'remove'] },
    { typed: ['tools', 'exp'], offered: ['explain'] },
    { typed: ['help', 'tools', 'exp'], offered: ['explain'] },
    { typed: ['--config', 'x.yaml', 're'], offered: ['report', 'remove'] },
    { typed: ['batch', '--pl'], offered: ['--plan'] },
    { typed: ['batch', '--plan', '--conf'], offered: ['--config'] },
    { typed: ['completion', ''], offered: [...shells] },
    { typed: ['schema', 'p'], offered: ['policy'] },
    { typed: ['import', '--from', 'claude-'], offered: ['claude-code', 'claude-desktop', ':files'] },
    { typed: ['import', '--from=claude-c'], offered: ['--from=claude-code', ':files'] },
    { typed: ['install', 'cursor', 'claude-c'], offered: ['claude-code'] },
    { typed: ['hook', ''], offered: ['claude-code'] },
    { typed: ['report', ''], offered: ['7f3a91', '80aa01'] },
    { typed: ['trace', '80'], offered: ['80aa01'] },
    { typed: ['log', '--batch', '7'], offered: ['7f3a91'] },
    { typed: ['batch', ''], offered: [':files'] },
    { typed: ['report', '--svg', ''], offered: [':files'] },
    { typed: ['report', '--html=x'], offered: [':files'] },
    { typed: ['log', '--state-dir', ''], offered: [':folders'] },
    { typed: ['serve', ''], offered: [] },
    { typed: ['batch', '--', '--pl'], offered: [':files'] },
    { typed: ['no-such-command', ''], offered: [] },
  ])('offers $offered for $typed', async ({ typed, offered }) => {
    expect(await complete(...typed)).toEqual(offered);
  });

  test('offers the servers of the configuration, without loading what they need', async () => {
    writeFileSync(
      join(cwd, 'marshal.yaml'),
      'version: 1\nservers: { github: { url: "${NOT_SET}" }, files: { command: x } }\n',
    );
    expect(await complete('log', '--server', '')).toEqual(['github', 'files']);
  });

  test('names a place in the grammar that is there, wherever it says what a value is', () => {
    const places = (command: Grammar): string[] => [
      ...command.arguments.map(({ name }) => `${command.path} ${name}`),
      ...command.options.map(({ names }) => `${command.path} ${names.at(-1) ?? ''}`),
      ...command.commands.flatMap(places),
    ];
    const known = new Set(places(grammar()));
    expect(Object.keys(byPlace).filter((place) => !known.has(place))).toEqual([]);
  });

  test('says nothing where there is no configuration, or one that is broken', async () => {
    const failing = { ...stubParts({}).parts, loadConfig: () => Promise.reject(new Error('broken')) };
    const fake = fakeIo({ cwd });
    expect(await runCli(['complete', '--', 'call', ''], fake.io, failing)).toBe(0);
    expect(fake.out() + fake.err()).toBe('');
  });

  test('begins a new word where a shell cannot hand over an empty one', async () => {
    const fake = fakeIo({ cwd });
    await runCli(['complete', '--new-word', '--', 'schema'], fake.io, stubParts({}).parts);
    expect(fake.out()).toBe('config\t\npolicy\t\n');
  });
});

test('a word that a shell would take for more than a word is never offered, nor one line as two', () => {
  const named = ['ok_name', '$(rm -rf ~)', '`id`', 'a b', 'a;b', "a'b", 'a\nb', 'a\tb', '>x', ''];
  const candidates = named.map((value) => ({ value, description: 'one\ntwo\tthree\u001b[2J' }));
  expect(offerLines({ candidates })).toEqual(['ok_name\tone two three']);
});

test('of a thousand tools only so many are offered as a shell can show', () => {
  const candidates = Array.from({ length: 1_000 }, (_, index) => ({ value: `t${index}`, description: '' }));
  expect(offerLines({ candidates, mode: 'open' })).toHaveLength(501);
});
