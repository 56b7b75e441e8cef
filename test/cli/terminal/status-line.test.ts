import { expect, test } from 'vitest';
import { createStatusLine } from '../../../src/cli/terminal/status-line.ts';
import { fakeIo } from '../fake-io.ts';

test('a person sees one line that is written over and leaves nothing behind', () => {
  const { io, err, out } = fakeIo({ isTerminal: true, columns: 20 });
  const status = createStatusLine(io);
  status.show('connecting: 1 of 3 servers ready');
  status.show('connecting: 1 of 3 servers ready');
  status.clear();
  status.clear();
  expect(err()).toBe('\r\u001b[2Kconnecting: 1 of 3…\r\u001b[2K');
  expect(out()).toBe('');
});

test.each([{ isTerminal: false }, { isTerminal: true, env: { CI: '1' } }, { isTerminal: true, env: { TERM: 'dumb' } }])(
  'nobody else sees anything: %j',
  (terminal) => {
    const { io, err } = fakeIo(terminal);
    const status = createStatusLine(io);
    status.show('connecting');
    status.clear();
    expect(err()).toBe('');
  },
);

test('a window that was made narrower has the line in its new width: one that has wrapped is never taken off', () => {
  const { io, err } = fakeIo({ isTerminal: true, columns: 40 });
  const status = createStatusLine(io);
  status.show('connecting: 1 of 3 servers ready');
  io.stderr.columns = 12;
  status.show('connecting: 2 of 3 servers ready');
  expect(err()).toBe('\r\u001b[2Kconnecting: 1 of 3 servers ready\r\u001b[2Kconnecting…');
});
