import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run-cli.ts';
import { textWidth } from '../../../src/cli/terminal/text-width.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { fakeIo } from '../fake-io.ts';
import { readTool, replyOf, stubParts } from '../stub-proxy.ts';

const calls = [{ tool: 'files__read_text_file', arguments: { path: 'a' } }];
const ok: JsonObject = { status: 'ok', result: { content: [{ type: 'text', text: 'hello' }] } };
const denied: JsonObject = {
  id: 'c1',
  status: 'denied',
  attempts: 0,
  error: { code: 'denied_by_policy', message: 'no\nmore' },
};
const failed: JsonObject = { id: 'c2', status: 'timeout', error: { code: 'timeout', message: 'no answer within 2 s' } };

/** The last line where the journal is on. */
const again = 'mcp-marshal report 7f3a91 shows it again\n';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'batch-'));
  writeFileSync(join(cwd, 'b.json'), JSON.stringify({ calls, onError: 'stop' }));
  writeFileSync(join(cwd, 'b.yaml'), 'calls:\n  - tool: files__read_text_file\n    arguments: { path: a }\n');
  writeFileSync(join(cwd, 'bad.yaml'), 'calls:\n  - {tool: x\n');
});
afterAll(() => rmSync(cwd, { recursive: true }));

async function batch(
  argv: string[],
  { reply = replyOf(ok), stdin = JSON.stringify({ calls }) }: { reply?: JsonObject; stdin?: string } = {},
): Promise<{ code: number; out: string; err: string; batches: unknown[] }> {
  const stub = stubParts({ files: { tools: [readTool] } }, () => reply);
  const { io, out, err } = fakeIo({ stdin, cwd });
  const code = await runCli(['batch', ...argv], io, stub.parts);
  return { code, out: out(), err: err(), batches: stub.batches };
}

describe('batch', () => {
  test('does not promise a report where the state folder cannot be written, and says why', async () => {
    const stub = stubParts({ files: { tools: [readTool] } }, () => replyOf(ok));
    const { io, err } = fakeIo({ stdin: JSON.stringify({ calls }), cwd });
    const stateDir = join(cwd, 'b.json', 'state');
    const loadConfig = () => Promise.resolve({ ...stub.config, stateDir });
    expect(await runCli(['batch'], io, { ...stub.parts, loadConfig })).toBe(0);
    expect(err()).toBe(
      `warning: nothing of it was recorded: stateDir ${stateDir} cannot be written (ENOTDIR); tool lists are not kept; set stateDir\n`,
    );
  });

  test('prints the summary, how each call ended, and when it ran', async () => {
    const { code, out, err } = await batch([], { reply: replyOf(ok, [denied, failed]) });
    expect({ code, err }).toEqual({ code: 5, err: again });
    expect(out.split('\n').slice(0, 5)).toEqual([
      'batch 7f3a91: 1 call',
      'c0  ok       12 ms  files__read_text_file  5 characters',
      'c1  denied   -      files__read_text_file  denied_by_policy: no',
      'c2  timeout  12 ms  files__read_text_file  timeout: no answer within 2 s',
      '',
    ]);
    expect(out).toContain('c0 files__read_text_file ██');
    expect(out).toContain('took 100 ms, one by one 150 ms, at best 90 ms, 1.5 times as fast, at most 2 at once\n');
  });

  test('tells a person at a terminal every error in full, down to its mend, in lines that fit', async () => {
    const long = {
      code: 'approval_unavailable',
      message: `it needs approval\n${'because '.repeat(12)}; add it to "allow:"`,
    };
    const tool_error = {
      id: 'c2',
      status: 'tool_error',
      result: { content: [{ type: 'text', text: 'no\u001b[2Jsuch file' }] },
    };
    const stub = stubParts({ files: { tools: [readTool] } }, () =>
      replyOf(ok, [{ ...denied, error: long }, tool_error]),
    );
    const { io, out } = fakeIo({ isTerminal: true, columns: 60, env: { NO_COLOR: '1' }, cwd });
    expect(await runCli(['batch', 'b.json'], io, stub.parts)).toBe(5);
    const lines = out().split('\n');
    expect(lines.slice(1, 11)).toEqual([
      'c0  ok          12 ms  files__read_text_file  5 characters',
      'c1  denied      -      files__read_text_file  approval_unav…',
      'c2  tool_error  12 ms  files__read_text_file',
      '',
      'c1 files__read_text_file approval_unavailable: it needs',
      '  approval',
      '  because because because because because because because',
      '  because because because because because ; add it to',
      '  "allow:"',
      'c2 files__read_text_file tool_error: nosuch file',
    ]);
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(60);
  });

  test.each([
    ['0 where every call is ok', [], 0],
    ['6 where policy alone stood in the way', [denied], 6],
    ['5 as soon as anything else did', [denied, failed], 5],
  ])('ends with %s', async (_title, others, code) => {
    expect((await batch([], { reply: replyOf(ok, others) })).code).toBe(code);
  });

  test.each([
    { argv: [], title: 'stdin' },
    { argv: ['-'], title: 'stdin, named' },
    { argv: ['b.json'], title: 'a JSON file' },
    { argv: ['b.yaml'], title: 'a YAML file' },
  ])('comes from $title', async ({ argv }) => {
    const { code, batches } = await batch(argv);
    expect(code).toBe(0);
    expect(batches).toMatchObject([{ input: { calls, format: 'structured' }, readOnly: false }]);
  });

  test('may be a bare list of calls', async () => {
    const { batches } = await batch([], { stdin: JSON.stringify(calls) });
    expect(batches).toMatchObject([{ input: { calls } }]);
  });

  test('runs as batch_read with --read', async () => {
    expect((await batch(['--read'])).batches).toMatchObject([{ readOnly: true }]);
  });

  test.each([
    { argv: ['none.json'], stdin: '', says: 'the file "none.json" does not exist' },
    { argv: ['bad.yaml'], stdin: '', says: 'bad.yaml:' },
    { argv: [], stdin: '{"calls": [', says: 'stdin is not JSON' },
    { argv: [], stdin: '{\n  "calls": x\n}', says: 'stdin is not JSON' },
    { argv: [], stdin: ' \n', says: 'stdin is empty' },
  ])('that cannot be read starts nothing and ends with 2: $says', async ({ argv, stdin, says }) => {
    const { code, out, err, batches } = await batch(argv, { stdin });
    expect({ code, out, batches }).toEqual({ code: 2, out: '', batches: [] });
    expect(err).toContain(says);
    expect(err.trimEnd()).not.toContain('\n');
  });

  test('does not wait for a person to type one', async () => {
    const stub = stubParts({});
    const { io, err } = fakeIo({ isTerminal: true });
    expect(await runCli(['batch'], io, stub.parts)).toBe(2);
    expect(err()).toContain('no batch was given');
  });

  test.each([
    ['invalid_arguments', 2, 'mend the 2 problems listed and run it again'],
    ['denied_by_policy', 6, 'run it without --read, or take these calls out'],
  ])('that is refused for %s shows every problem and ends with %i', async (code, exitCode, fix) => {
    const content = [{ type: 'text', text: 'batch refused, nothing was run\n- calls[0]: x\n- calls[1]: y' }];
    const error = { code, message: 'refused' };
    const structuredContent = { status: 'refused', results: [], error, problems: ['calls[0]: x', 'calls[1]: y'] };
    const reply = { content, structuredContent, isError: true };
    const shown = await batch([], { reply });
    expect(shown).toMatchObject({ code: exitCode, out: '', err: `${content[0]?.text}\n${fix}\n` });
    const json = JSON.parse((await batch(['--json'], { reply })).out);
    const problems = [{ message: 'calls[0]: x' }, { message: 'calls[1]: y' }];
    expect(json).toEqual({ version: 1, error: { code, message: content[0]?.text, fix, problems } });
  });

  test('gives programs the structured reply as it is', async () => {
    const reply = replyOf(ok, [denied]);
    const { code, out, err } = await batch(['--json'], { reply });
    expect({ code, err }).toEqual({ code: 6, err: '' });
    expect(JSON.parse(out)).toEqual({ version: 1, data: reply['structuredContent'] });
  });

  test('that is interrupted is cancelled, prints what is known and ends with 130', async () => {
    const fake = fakeIo({ stdin: JSON.stringify({ calls }) });
    const stub = stubParts({ files: { tools: [readTool] } }, ({ signal }) => {
      fake.signal('SIGINT');
      expect(signal?.aborted).toBe(true);
      return replyOf(ok, [{ id: 'c1', status: 'cancelled', error: { code: 'cancelled', message: 'cancelled' } }]);
    });
    expect(await runCli(['batch'], fake.io, stub.parts)).toBe(130);
    expect(fake.out()).toContain('c1  cancelled');
    expect(stub.calls.closed).toBe(1);
  });

  test.each([
    { title: 'before it is read', delay: (fire: () => void) => fire() },
    { title: 'while it is read', delay: (fire: () => void) => void setImmediate(fire) },
  ])('that is interrupted $title ends at once with 130', async ({ delay }) => {
    const stub = stubParts({});
    const fake = fakeIo({ stdin: new PassThrough() });
    const loadConfig = (): Promise<typeof stub.config> => {
      delay(() => fake.signal('SIGINT'));
      return stub.parts.loadConfig({});
    };
    expect(await runCli(['batch'], fake.io, { ...stub.parts, loadConfig })).toBe(130);
    expect(stub.batches).toEqual([]);
  });

  test('says of each call how many elements, selected values and repeats it stands for', async () => {
    const element = (id: string, status: string, message?: string): JsonObject => ({
      id,
      tool: 'files__read_text_file',
      status,
      attempts: 1,
      ...(message !== undefined && { error: { code: 'upstream_error', message } }),
    });
    const reply = replyOf({ ...ok, result: {}, selected: { name: 'ann', ids: [1, 2] } }, [
      { id: 'c1', status: 'ok', deduplicatedOf: 'c0' },
      { ...ok, id: 'c2', attempts: 0, cached: true },
      {
        id: 'c3',
        status: 'failed',
        error: { code: 'upstream_error', message: '1 of 2 elements failed: c3[1]' },
        items: [element('c3[0]', 'ok'), element('c3[1]', 'failed', 'it fell over')],
      },
      { id: 'c4', status: 'ok', items: [element('c4[0]', 'ok'), element('c4[1]', 'ok')] },
    ]);
    expect((await batch([], { reply })).out.split('\n').slice(1, 6)).toEqual([
      'c0  ok      12 ms  files__read_text_file  2 values of 8 characters selected',
      'c1  ok      -      files__read_text_file  same as c0',
      'c2  ok      -      files__read_text_file  5 characters, cached',
      'c3  failed  12 ms  files__read_text_file  upstream_error: 1 of 2 elements failed: c3[1]',
      'c4  ok      12 ms  files__read_text_file  2 elements, 2 ok',
    ]);
    const stub = stubParts({ files: { tools: [readTool] } }, () => reply);
    const { io, out } = fakeIo({ isTerminal: true, columns: 100, env: { NO_COLOR: '1' }, cwd });
    await runCli(['batch', 'b.json'], io, stub.parts);
    expect(out()).toContain('c3[1] files__read_text_file upstream_error: it fell over\n');
  });

  test('says of a list in which a tool reported an error how many elements it had, and what the first said', async () => {
    const said = (id: string, text: string): JsonObject => ({
      id,
      tool: 'files__read_text_file',
      status: 'tool_error',
      result: { content: [{ type: 'text', text }] },
    });
    const items = [{ ...ok, id: 'c1[0]' }, said('c1[1]', 'no such file: b\nmore'), said('c1[2]', 'no such file: c')];
    const { out } = await batch([], { reply: replyOf(ok, [{ id: 'c1', status: 'tool_error', items }]) });
    expect(out.split('\n')[2]).toBe(
      'c1  tool_error  12 ms  files__read_text_file  3 elements, 1 ok; c1[1]: no such file: b',
    );
  });

  test('that needs approval, and nobody at a terminal, says where one is asked', async () => {
    const error = { code: 'approval_unavailable', message: 'it needs approval; call it by itself, outside a batch' };
    const { code, err } = await batch([], { reply: replyOf({ status: 'denied', attempts: 0, error }) });
    expect(code).toBe(6);
    expect(err).toBe(
      'nobody could be asked: run it at a terminal, with the batch in a file, or change the policy\n' + again,
    );
  });

  test('that is longer than a narrow terminal says everything in lines that fit', async () => {
    const error = { code: 'approval_unavailable', message: 'it needs approval' };
    const row = {
      id: 'c0',
      index: 0,
      tool: 'files__delete_file',
      locks: [],
      after: [],
      step: 0,
      approval: true,
      error,
    };
    const summary = 'batch 7f3a91: 1 call, 1 denied in 812 ms\nask for the rest of a cut result in another way';
    const reply = replyOf({ status: 'denied', attempts: 0, error });
    const planned = {
      content: [{ type: 'text', text: 'batch 7f3a91 planned: 1 call, none would run; 1 denied; nothing was sent' }],
      structuredContent: { status: 'planned', results: [], plan: [row], warnings: [] },
    };
    for (const one of [{ ...reply, content: [{ type: 'text', text: summary }] }, planned]) {
      const stub = stubParts({ files: { tools: [readTool] } }, () => one);
      const { io, out, err } = fakeIo({ isTerminal: true, columns: 40, env: { NO_COLOR: '1' }, cwd });
      expect(await runCli(['batch', 'b.json'], io, stub.parts)).toBe(6);
      expect(Math.max(...[...out().split('\n'), ...err().split('\n')].map(textWidth))).toBeLessThanOrEqual(40);
      expect(out()).not.toContain('cut result');
      expect(`${out()}${err()}`.replaceAll(/\s+/g, ' ')).toMatch(/batch 7f3a91.*1 denied.*or change the policy/);
    }
  });
});

describe('batch --plan', () => {
  const row = {
    id: 'c0',
    index: 0,
    tool: 'files__read_text_file',
    class: 'read',
    locks: ['S files'],
    after: [],
    why: [],
    approval: false,
    step: 1,
  };
  const second = { ...row, id: 'c1', index: 1, step: 2, after: ['c0'], why: ['needs its result'], open: true };
  const bad = { ...row, id: 'c2', index: 2, error: { code: 'unknown_tool', message: 'there is no tool "x"' } };
  const denied = { ...row, id: 'c3', index: 3, error: { code: 'denied_by_policy', message: 'policy denies it' } };
  const skipped = { ...row, id: 'c4', index: 4, error: { code: 'dependency_failed', message: 'not run' } };
  const planOf = (plan: JsonObject[]): JsonObject => ({
    content: [{ type: 'text', text: 'batch 7f3a91 planned: 3 calls; nothing was sent' }],
    structuredContent: { batchId: '7f3a91', status: 'planned', results: [], plan, warnings: ['odd'] },
  });

  test('asks for a plan, whatever the batch says, and draws it with a summary', async () => {
    const stdin = JSON.stringify({ calls, mode: 'run' });
    const { code, out, err, batches } = await batch(['--plan'], { reply: planOf([row, second, bad]), stdin });
    expect(batches).toMatchObject([{ input: { calls, mode: 'plan', format: 'structured' } }]);
    expect({ code, err }).toEqual({ code: 5, err: 'warning: odd\n' });
    expect(out.split('\n')).toEqual([
      'c0 read files__read_text_file ████     locks files shared',
      'c1 read files__read_text_file ····████ after c0 (needs its result); locks at most files shared',
      'c2 read files__read_text_file          unknown_tool: there is no tool "x"',
      '                         step │1  │2',
      'batch 7f3a91 planned: 3 calls; nothing was sent',
      '',
    ]);
  });

  test.each([
    { title: '0 where every call would run', plan: [row, second], code: 0 },
    { title: '6 where policy alone stands in the way', plan: [row, denied], code: 6 },
    { title: '5 as soon as anything else does', plan: [denied, skipped], code: 5 },
    { title: '5 for a call that is invalid', plan: [row, bad], code: 5 },
  ])('ends with $title', async ({ plan, code }) => {
    expect((await batch(['--plan'], { reply: planOf(plan) })).code).toBe(code);
  });

  test('gives programs the plan as it is', async () => {
    const reply = planOf([row, denied]);
    const { code, out, err } = await batch(['--plan', '--json'], { reply });
    expect({ code, err }).toEqual({ code: 6, err: '' });
    expect(JSON.parse(out)).toEqual({ version: 1, data: reply['structuredContent'] });
  });

  test('draws a plan that the batch itself asks for', async () => {
    const { out } = await batch([], { reply: planOf([row]), stdin: JSON.stringify({ calls, mode: 'plan' }) });
    expect(out).toContain('\nbatch 7f3a91 planned: 3 calls; nothing was sent\n');
  });

  test('fits a thousand calls on a screen, line by line', async () => {
    const plan = Array.from({ length: 1_000 }, (_, index) => ({ ...second, id: `c${index}`, step: (index % 300) + 1 }));
    const stub = stubParts({ files: { tools: [readTool] } }, () => planOf(plan));
    const { io, out } = fakeIo({ isTerminal: true, columns: 80, env: { NO_COLOR: '1' }, cwd });
    expect(await runCli(['batch', '--plan', 'b.json'], io, stub.parts)).toBe(0);
    expect(Math.max(...out().split('\n').map(textWidth))).toBeLessThanOrEqual(80);
  });
});

describe('what batch says last', () => {
  test('is how the batch is shown again, with the configuration that was named', async () => {
    expect((await batch(['b.json'])).err).toBe(again);
    const { err } = await batch(['--config', "my conf's.yaml", 'b.json']);
    expect(err).toBe("mcp-marshal report 7f3a91 --config 'my conf'\\''s.yaml' shows it again\n");
  });

  test('is nothing where nothing is recorded, for programs, or of a plan', async () => {
    expect((await batch(['b.json', '--json'])).err).toBe('');
    const structuredContent = { batchId: '7f3a91', status: 'planned', results: [], plan: [], warnings: [] };
    expect((await batch(['b.json', '--plan'], { reply: { content: [], structuredContent } })).err).toBe('');
    const stub = stubParts({ files: { tools: [readTool] } }, () => replyOf(ok));
    const off = { ...stub.config, journal: { ...stub.config.journal, enabled: false } };
    const { io, err } = fakeIo({ cwd });
    await runCli(['batch', 'b.json'], io, { ...stub.parts, loadConfig: () => Promise.resolve(off) });
    expect(err()).toBe('');
  });
});

describe('batch --trace', () => {
  test('writes when each call ran, prints everything else as ever, and says where the trace is', async () => {
    const file = join(cwd, 't.json');
    const { code, out, err } = await batch(['--trace', 't.json'], { reply: replyOf({ ...ok, server: 'files' }) });
    expect(code).toBe(0);
    expect(out).toContain('c0 files__read_text_file ██');
    expect(err).toBe(`trace written to t.json; open it in Perfetto or chrome://tracing\n${again}`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      displayTimeUnit: 'ms',
      otherData: { batchId: '7f3a91' },
    });
  });

  test('leaves stdout to the one object of --json', async () => {
    const reply = replyOf(ok);
    const { out, err } = await batch(['--trace', 't2.json', '--json'], { reply });
    expect(JSON.parse(out)).toEqual({ version: 1, data: reply['structuredContent'] });
    expect(err).toBe('');
    expect(existsSync(join(cwd, 't2.json'))).toBe(true);
  });

  test.each([
    { argv: ['--trace', '-'], says: '--trace cannot go to stdout, where the results go; name a file\n' },
    {
      argv: ['--trace', 'none/t.json'],
      says: 'the trace cannot be written to "none/t.json": its directory does not exist',
    },
    { argv: ['--trace', 't.json', '--plan'], says: "'--trace <file>' cannot be used with option '--plan'" },
  ])('that cannot be starts nothing and ends with 2: $argv', async ({ argv, says }) => {
    const { code, out, err, batches } = await batch(argv);
    expect({ code, out, batches }).toEqual({ code: 2, out: '', batches: [] });
    expect(err).toContain(says);
  });

  test('has nothing to write of a batch that asks for a plan', async () => {
    const stdin = JSON.stringify({ calls, mode: 'plan' });
    const { code, err, batches } = await batch(['--trace', 't3.json'], { stdin });
    expect({ code, batches }).toEqual({ code: 2, batches: [] });
    expect(err).toContain('a plan has no trace');
    expect(existsSync(join(cwd, 't3.json'))).toBe(false);
  });

  test('leaves the old file of a batch that is refused', async () => {
    writeFileSync(join(cwd, 'old.json'), 'old');
    const structuredContent = { status: 'refused', results: [], error: { code: 'invalid_arguments', message: 'no' } };
    const reply = { content: [], structuredContent, isError: true };
    expect((await batch(['--trace', 'old.json'], { reply })).code).toBe(2);
    expect(readFileSync(join(cwd, 'old.json'), 'utf8')).toBe('old');
  });

  test('that is lost at the end costs no results, and ends with 1', async () => {
    const folder = mkdtempSync(join(cwd, 'gone-'));
    const stub = stubParts({ files: { tools: [readTool] } }, () => {
      rmSync(folder, { recursive: true });
      return replyOf(ok);
    });
    const { io, out, err } = fakeIo({ cwd });
    expect(await runCli(['batch', 'b.json', '--trace', join(folder, 't.json')], io, stub.parts)).toBe(1);
    expect(out()).toContain('c0  ok');
    expect(err()).toContain('the trace could not be written');
  });
});
