import { expect, test } from 'vitest';
import { renderCalls } from '../../../src/cli/render/call-lines.ts';
import { createPaint } from '../../../src/cli/terminal/paint.ts';
import type { Screen } from '../../../src/cli/terminal/screen.ts';
import type { RepliedCall } from '../../../src/cli/reply/replied-call.ts';

const pipe: Screen = { isTerminal: false, width: 80, unicode: true, color: false };

test('an error without a message, as the journal has it of a call that was never planned, is its code alone', () => {
  const call: RepliedCall = {
    id: 'c3',
    tool: 'nosuch__x',
    status: 'invalid',
    attempts: 0,
    queuedMs: 0,
    runMs: 0,
    startedMs: 0,
    waitedFor: [],
    error: { code: 'unknown_tool', message: '' },
  };
  expect(renderCalls([call], { ...pipe, paint: createPaint(pipe) }).join('\n')).toMatch(/ {2}unknown_tool$/);
});
