import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { askAtTerminal } from '../../../src/cli/approvals/ask-at-terminal.ts';
import type { CliContext } from '../../../src/cli/context.ts';
import type { StatusLine } from '../../../src/cli/terminal/status-line.ts';
import { Aborter } from '../../../src/core/abort.ts';
import type { Question } from '../../../src/core/protocol/client.ts';
import type { Reply } from '../../../src/core/protocol/rpc.ts';
import { readAnswer } from '../../../src/serve/approvals/question/read-answer.ts';
import { renderQuestion } from '../../../src/serve/approvals/question/render-question.ts';
import { eventually } from '../../eventually.ts';
import { makeSubject } from '../../approvals/make-subject.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { fakeIo } from '../fake-io.ts';
import { deleteTool, replyOf, stubParts } from '../stub-proxy.ts';

const calls = [
  { id: 'c0', subject: makeSubject() },
  { id: 'c1', subject: makeSubject({ arguments: { path: 'b\u001b[2J.md' } }) },
];
const ourQuestion = (): Question => renderQuestion(calls, { batchId: '7f3a91', part: 1, parts: 1 });
const nobody = { ok: false, error: { code: -32_601 } };

interface Terminal {
  stdin: PassThrough;
  err: () => string;
  ask: (question: Question, signal?: Aborter) => Promise<Reply>;
  capabilities: unknown;
  close: () => Promise<unknown>;
}

function openTerminal({
  env = {},
  isTerminal = true,
}: { env?: Record<string, string>; isTerminal?: boolean } = {}): Terminal {
  const stdin = new PassThrough();
  const { io, err } = fakeIo({ isTerminal: true, env });
  const closers: (() => Promise<void>)[] = [];
  const context = {
    io: { ...io, stdin: Object.assign(stdin, { isTTY: isTerminal }) },
    closeLater: (close: () => Promise<void>) => void closers.push(close),
  };
  // oxlint-disable-next-line no-unsafe-type-assertion -- Of a run it needs no more.
  const { ask, capabilities } = askAtTerminal(context as unknown as CliContext);
  return {
    stdin,
    err,
    ask: (question, signal = new Aborter()) => ask?.(question, signal) ?? Promise.reject(new Error('nobody is asked')),
    capabilities,
    close: () => Promise.all(closers.map((close) => close())),
  };
}

/** Until what was written has been read. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** Until an answer is waited for, for the nth time. */
const prompted = (err: () => string, times = 1): Promise<void> =>
  eventually(() => expect(err().split(/Run\? y\/N > |then answer > /)).toHaveLength(times + 1));

async function say(answer: string): Promise<{ reply: Reply; err: string }> {
  const { stdin, ask, err } = openTerminal();
  const asked = ask(ourQuestion());
  await prompted(err);
  stdin.write(answer);
  return { reply: await asked, err: err() };
}

describe('a person at the shell', () => {
  test('is asked about all calls at once, with their arguments, and nothing in those steers the terminal', async () => {
    const { err } = await say('n\n');
    expect(err).toContain('2 calls need your approval (batch 7f3a91)');
    expect(err).toContain('1. c0: files__delete_file on server files (destructive)\n   arguments: {"path":"notes.md"}');
    expect(err).toContain('{"path":"b\\u001b[2J.md"}');
    expect(err).not.toContain('\u001b[2J');
    expect(err).toMatch(/Run\? y\/N > $/);
  });

  test.each(['y\n', 'Y\n', 'yes\n', ' y \r\n'])('says yes to all of them with %j', async (answer) => {
    const { reply } = await say(answer);
    const yes = { isYes: true, remember: 'none' };
    expect(readAnswer(reply, calls)).toEqual({ kind: 'decided', verdicts: [yes, yes] });
  });

  test.each(['\n', 'n\n', 'no\n', 'yy\n', 'yes please\n', 'ja\n', '\u001b[A\n', `${'y'.repeat(5_000)}\n`])(
    'says no with anything else: %j',
    async (answer) => {
      const { reply } = await say(answer);
      expect(readAnswer(reply, calls)).toEqual({ kind: 'decided', verdicts: [{ isYes: false }, { isYes: false }] });
    },
  );

  test('has not said yes to what was typed before the question was there', async () => {
    const { stdin, ask, err } = openTerminal();
    stdin.write('y\ny');
    await turn();
    const asked = ask(ourQuestion());
    await prompted(err);
    stdin.write('\n');
    expect(await asked).toMatchObject({ result: { content: { decision: 'no' } } });
  });

  test('has not said yes with what the terminal kept while nobody read, line by line', async () => {
    const { stdin, ask, err } = openTerminal();
    const asked = ask(ourQuestion());
    for (const line of ['y\n', 'y\n']) {
      await turn();
      stdin.write(line);
    }
    await prompted(err);
    stdin.write('\n');
    expect(await asked).toMatchObject({ result: { content: { decision: 'no' } } });
  });

  test('who has closed the input is nobody, and the message says what to do', async () => {
    const { stdin, ask } = openTerminal();
    const asked = ask(ourQuestion());
    stdin.end();
    expect(await asked).toMatchObject({ ...nobody, error: { message: expect.stringContaining('into a file') } });
    expect(await ask(ourQuestion())).toMatchObject(nobody);
  });

  test('has not said yes to a question with what was typed for the one before it, which went away', async () => {
    const { stdin, ask, err } = openTerminal();
    const signal = new Aborter();
    const first = ask(ourQuestion(), signal);
    await prompted(err);
    // Typed without Enter, so that the terminal keeps it.
    signal.abort();
    await first;
    const second = ask(ourQuestion());
    await prompted(err, 2);
    stdin.write('y\n');
    await prompted(err, 3);
    expect(err()).toMatch(/Press Enter, then answer > Run\? y\/N > $/);
    stdin.write('n\n');
    expect(await second).toMatchObject({ result: { content: { decision: 'no' } } });
    const third = ask(ourQuestion());
    await prompted(err, 4);
    stdin.write('y\n');
    expect(await third).toMatchObject({ result: { content: { decision: 'yes' } } });
  });

  test('is left alone when the question is withdrawn', async () => {
    const { stdin, ask, close } = openTerminal();
    const signal = new Aborter();
    const asked = ask(ourQuestion(), signal);
    signal.abort();
    expect(await asked).toMatchObject({ result: { action: 'cancel' } });
    await close();
    expect([stdin.listenerCount('data'), stdin.isPaused()]).toEqual([0, true]);
  });

  test('is never asked what a server wants to know, even where that looks like a question of ours', async () => {
    const { ask, err } = openTerminal();
    expect(await ask(structuredClone(ourQuestion()))).toMatchObject(nobody);
    expect(err()).toBe('');
  });
});

test('the status line is not drawn over a question', async () => {
  const { io, err } = fakeIo({ isTerminal: true });
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const done: string[] = [];
  const status: StatusLine = {
    isVisible: true,
    show: () => {},
    clear: () => void done.push('clear'),
    hold: (isHeld) => void done.push(isHeld ? 'hold' : 'release'),
  };
  // oxlint-disable-next-line no-unsafe-type-assertion -- Of a run it needs no more.
  const { ask } = askAtTerminal({ io: { ...io, stdin }, closeLater: () => {} } as unknown as CliContext, status);
  const asked = ask?.(ourQuestion(), new Aborter());
  await prompted(err);
  expect(done).toEqual(['clear', 'hold']);
  stdin.write('\n');
  await asked;
  expect(done).toEqual(['clear', 'hold', 'release']);
});

test.each([
  ['no terminal', { isTerminal: false }],
  ['CI', { env: { CI: '1' } }],
  ['NO_COLOR', { env: { NO_COLOR: '1' } }],
  ['a dumb terminal', { env: { TERM: 'dumb' } }],
])('under %s nobody is asked', (_what, options) => {
  expect(openTerminal(options).capabilities).toBeUndefined();
});

describe('call and batch', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'asked-'));
  writeFileSync(join(cwd, 'b.json'), '{"calls":[{"tool":"files__delete_file"}]}');
  const declined = { code: 'approval_declined', message: 'said to a model' };

  async function run(
    argv: string[],
    isTerminal: boolean,
  ): Promise<{ stub: ReturnType<typeof stubParts>; code: number; err: string }> {
    const stub = stubParts({ files: { tools: [deleteTool] } }, () => replyOf({ status: 'denied', error: declined }));
    const { io, err } = fakeIo({ isTerminal, cwd });
    const stdin = Object.assign(new PassThrough(), { isTTY: isTerminal });
    const code = await runCli(argv, { ...io, stdin }, stub.parts);
    return { stub, code, err: err() };
  }

  test.each([[['call', 'files__delete_file']], [['batch', 'b.json']]])(
    '%j asks at a terminal, and nowhere else',
    async (argv) => {
      const asked = await run(argv, true);
      expect(asked.stub.batches[0]).toMatchObject({ capabilities: { elicitation: { form: {} } } });
      expect(asked.stub.batches[0]?.ask).toBeTypeOf('function');
      expect(asked.code).toBe(6);
      const { stub } = await run(argv, false);
      expect(stub.batches[0]).not.toHaveProperty('ask');
      expect(stub.batches[0]).not.toHaveProperty('capabilities');
    },
  );

  test('a call that was declined says so in words for who has declined it', async () => {
    expect((await run(['call', 'files__delete_file'], true)).err).toContain('was not run: you said no');
  });
});
