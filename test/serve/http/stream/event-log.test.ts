import { describe, expect, test } from 'vitest';
import { createEventLogs } from '../../../../src/serve/http/stream/event-log.ts';

const linesAfter = (log: ReturnType<ReturnType<typeof createEventLogs>>, stream: number, seq: number): string[] =>
  log.after(stream, seq).map(({ line }) => line);

describe('what is kept for a client that comes back', () => {
  const roomy = { maxEvents: 100, maxChars: 100, maxTotalChars: 100 };

  test('is what it has missed of its stream, in order', () => {
    const log = createEventLogs(roomy)();
    const first = log.append(1, 'a');
    log.append(2, 'b');
    log.append(1, 'c');
    log.append(1, 'd');
    expect(linesAfter(log, 1, first)).toEqual(['c', 'd']);
    expect(linesAfter(log, 1, 0)).toEqual(['a', 'c', 'd']);
    expect(linesAfter(log, 1, log.last())).toEqual([]);
    expect(linesAfter(log, 3, 0)).toEqual([]);
  });

  test('is the newest: by number, and by length', () => {
    const byCount = createEventLogs({ ...roomy, maxEvents: 2 })();
    const byLength = createEventLogs({ ...roomy, maxChars: 5 })();
    for (const log of [byCount, byLength]) for (const line of ['aaa', 'bbb', 'cc']) log.append(1, line);
    expect(linesAfter(byCount, 1, 0)).toEqual(['bbb', 'cc']);
    expect(linesAfter(byLength, 1, 0)).toEqual(['bbb', 'cc']);
  });

  test('is the newest of all sessions together', () => {
    const open = createEventLogs({ ...roomy, maxTotalChars: 6 });
    const [one, two] = [open(), open()];
    one.append(1, 'aaa');
    two.append(1, 'bbb');
    two.append(1, 'c');
    expect([linesAfter(one, 1, 0), linesAfter(two, 1, 0)]).toEqual([[], ['bbb', 'c']]);
  });

  test('leaves its room to others when its session ends', () => {
    const open = createEventLogs({ ...roomy, maxTotalChars: 6 });
    const [one, two] = [open(), open()];
    one.append(1, 'aaaaa');
    one.close();
    two.append(1, 'bbbbb');
    two.append(1, 'c');
    expect(linesAfter(two, 1, 0)).toEqual(['bbbbb', 'c']);
  });

  test('is nothing of a message that is longer than all that is kept, and all of what comes after', () => {
    const log = createEventLogs({ ...roomy, maxChars: 5 })();
    for (const line of ['a', 'bbbbbbbbb', 'c']) log.append(1, line);
    expect(linesAfter(log, 1, 0)).toEqual(['c']);
  });
});
