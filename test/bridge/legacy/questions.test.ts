import { describe, expect, test } from 'vitest';
import { createQuestions } from '../../../src/bridge/legacy/session/questions.ts';

describe('questions of the proxy to the client', () => {
  test('keep their ids, and their answers find them once', () => {
    const questions = createQuestions();
    expect([questions.ask(0), questions.ask('0'), questions.ask('')]).toEqual([0, '0', '']);
    expect([questions.take('0'), questions.take(0), questions.take('')]).toEqual(['0', 0, '']);
    expect(questions.take(0)).toBeUndefined();
  });

  test('of a new session get another id only where the client may still answer an old one under it', () => {
    const questions = createQuestions();
    questions.ask(0);
    questions.ask(1);
    questions.take(1);
    expect(questions.retire()).toEqual([0]);
    const shown = questions.ask(0);
    expect(shown).not.toBe(0);
    expect(questions.ask(1)).toBe(1);
    expect(questions.take(0)).toBeUndefined();
    expect(questions.take(shown)).toBe(0);
    // The old one has been answered now: its id is free.
    expect(questions.ask(0)).toBe(0);
  });

  test('that are withdrawn are found under the id that the client knows, and take no answer any more', () => {
    const questions = createQuestions();
    questions.ask(0);
    questions.retire();
    const shown = questions.ask(0);
    expect(questions.withdraw(0)).toBe(shown);
    expect(questions.withdraw(0)).toBeUndefined();
    expect(questions.take(shown)).toBeUndefined();
    expect(questions.withdraw(7)).toBeUndefined();
  });

  test('are bounded: of more than a thousand that wait, the oldest is given up', () => {
    const questions = createQuestions();
    for (let id = 0; id < 1001; id++) expect(questions.ask(id)).toBe(id);
    expect(questions.take(0)).toBeUndefined();
    expect(questions.take(1)).toBe(1);
  });

  test('of more lost sessions than can be remembered are never mistaken for new ones', () => {
    const questions = createQuestions();
    const shown = new Set<unknown>();
    for (let session = 0; session < 3; session++) {
      for (let id = 0; id < 600; id++) {
        const as = questions.ask(id);
        expect(shown.has(as)).toBe(false);
        shown.add(as);
      }
      questions.retire();
    }
  });
});
