import { expect, test } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import type { LoggerOptions } from '../../src/lib/logger.ts';

function written(options: Pick<LoggerOptions, 'level' | 'format'>): string {
  let text = '';
  const logger = createLogger({ ...options, destination: { write: (line) => (text += line) } });
  logger.child({ server: 'files' }).warn({ lines: 3 }, 'prints on stdout');
  logger.debug({}, 'a detail');
  return text;
}

test('json: one line of JSON per entry, with the fields of the child logger', () => {
  const text = written({ level: 'info', format: 'json' });
  expect(text.endsWith('\n')).toBe(true);
  expect(JSON.parse(text)).toMatchObject({ level: 40, server: 'files', lines: 3, msg: 'prints on stdout' });
});

test('pretty: a line for people, at once', () => {
  const text = written({ level: 'debug', format: 'pretty' });
  expect(text).toContain('prints on stdout');
  expect(text).toContain('a detail');
  expect(text).not.toMatch(/^\{/);
});

test('silent: nothing', () => {
  expect(written({ level: 'silent', format: 'json' })).toBe('');
});

test('a level that changes holds at once, also for the loggers of servers that were there before', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'warn', format: 'json', destination: { write: (line) => lines.push(line) } });
  const child = logger.child({ server: 'files' });
  child.info({}, 'too little');
  logger.setLevel('debug');
  child.debug({}, 'a detail');
  logger.setLevel('silent');
  child.error({}, 'nothing');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ server: 'files', level: 20, msg: 'a detail' }]);
});

test.each([
  ['an escape sequence', '\u001b[2J', '\\u001b[2J'],
  ['one of a single byte', '\u009b2J', '\\u009b2J'],
  ['a return to the start of the line', 'a\rb\b', 'a\\rb\\b'],
  ['a turned direction', '\u202ecba', '\\u202ecba'],
  ['a backslash before one', '\\\u001b', '\\\\u001b'],
])('pretty: what a server says does not lead the terminal: %s', (_, said, shown) => {
  let text = '';
  const logger = createLogger({ level: 'info', format: 'pretty', destination: { write: (line) => (text += line) } });
  logger.warn({ tool: said }, `files: ${said}`);
  expect(text).toContain(`files: ${shown}`);
  // oxlint-disable-next-line no-control-regex -- what is looked for
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
});

test('pretty: a backslash in what is logged stays what it is', () => {
  let text = '';
  const logger = createLogger({ level: 'info', format: 'pretty', destination: { write: (line) => (text += line) } });
  logger.warn({}, 'C:\\users\\u001b and \\r');
  expect(text).toContain('C:\\users\\u001b and \\r');
});
