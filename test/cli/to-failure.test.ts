import { expect, test } from 'vitest';
import { noMoreInput } from '../../src/cli/approvals/ask-at-terminal.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import { toFailure } from '../../src/cli/to-failure.ts';
import { readAnswer } from '../../src/serve/approvals/question/read-answer.ts';
import { refusal } from '../../src/core/protocol/rpc.ts';
import { makeTool } from '../policy/make-policy.ts';
import { fakeIo } from './fake-io.ts';
import { readTool, replyOf, stubParts } from './stub-proxy.ts';

const needs = 'not run: it needs approval: it is destructive';
const after = 'call files__delete by itself, or the user can add it to "allow:"';

function told(why: string): { message: string; fix?: string | undefined } {
  const message = `${needs}; ${why}; ${after}`;
  return toFailure({ code: 'approval_unavailable', message }, { entry: { tool: makeTool('delete'), server: 'files' } });
}

test('a person who ends the input instead of answering hears of that, and not of what models can do', () => {
  const answer = readAnswer(refusal(-32601, noMoreInput), []);
  const reason = answer.kind === 'nobody' ? answer.reason : '';
  const { message, fix } = told(`the client's user was not asked: ${reason}`);
  expect(message).toBe(`${needs}; the input ended before you answered`);
  expect(fix).toBe('answer y or n');
});

test('where there is no terminal, whoever runs a call is told to run it at one', () => {
  const { message, fix } = told('the client cannot ask its user');
  expect(message).toBe(`${needs}; nobody was at a terminal to be asked`);
  expect(fix).toBe('run it at a terminal, where you are asked');
});

test('any other reason stays', () => {
  expect(told('its server does not offer it any more').message).toContain('does not offer it any more');
});

test('a call that waits for a journal that cannot be written is told where to look, and is no unexpected error', async () => {
  const message =
    'not sent: a destructive call is sent only once it stands in the journal, and that cannot be written: EROFS';
  const failed = replyOf({ status: 'failed', error: { code: 'internal', message } });
  const { parts } = stubParts({ files: { tools: [readTool] } }, () => failed);
  const { io, err } = fakeIo({});
  expect(await runCli(['call', 'files__read_text_file', 'path=a'], io, parts)).toBe(5);
  expect(err()).toBe(`${message}; see what mcp-marshal doctor says about the state folder\n`);
});
