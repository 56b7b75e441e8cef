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

  describe('of an answer that there is no room for is what stands in for it', () => {
    const said = (): string => 'lost';

    test('in its place, whether it was too long or had to make room', () => {
      const log = createEventLogs({ ...roomy, maxChars: 5 })();
      log.append(1, 'aaaaaaaaa', said);
      log.append(1, 'b');
      log.append(1, 'c', said);
      log.append(2, 'd', () => 'no');
      expect(linesAfter(log, 1, 0)).toEqual(['lost', 'b', 'c']);
      expect(log.after(1, 0).map(({ seq }) => seq)).toEqual([1, 2, 3]);
      log.append(1, 'eeee');
      expect(log.after(1, 0).map(({ seq, line }) => [seq, line])).toEqual([
        [3, 'lost'],
        [5, 'eeee'],
      ]);
      expect(linesAfter(log, 1, 1)).toEqual(['lost', 'eeee']);
    });

    test('however many messages come after it, until there are too many such', () => {
      const log = createEventLogs({ ...roomy, maxEvents: 2 })();
      for (const id of ['a', 'b', 'c']) log.append(1, id, () => `no ${id}`);
      for (let i = 0; i < 20; i++) log.append(2, 'x');
      expect(linesAfter(log, 1, 0)).toEqual(['no b', 'no c']);
    });

    test('in the log of its own session, also where another one took its room; and is gone with its session', () => {
      const open = createEventLogs({ ...roomy, maxTotalChars: 6 });
      const [one, two] = [open(), open()];
      one.append(1, 'aaa', said);
      two.append(1, 'bbbb');
      expect([linesAfter(one, 1, 0), linesAfter(two, 1, 0)]).toEqual([['lost'], ['bbbb']]);
      one.close();
      expect(linesAfter(one, 1, 0)).toEqual([]);
    });
  });

  test('is nothing of a message that is longer than all that is kept, and all of what comes after', () => {
    const log = createEventLogs({ ...roomy, maxChars: 5 })();
    for (const line of ['a', 'bbbbbbbbb', 'c']) log.append(1, line);
    expect(linesAfter(log, 1, 0)).toEqual(['c']);
  });
});
