import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Question } from '../../../src/core/protocol/client.ts';
import { recipeOf } from '../../batch/recipe/recipe-of.ts';
import { requestOf } from '../stub-engine.ts';
import { able, asking, decided, deleteOf, endsOf, textOf, yes } from './asking.ts';

describe('a person is asked through the same client', () => {
  test('about the calls of a recipe', async () => {
    const recipe = recipeOf({ name: 'clean', calls: [deleteOf('/a'), { tool: 'files__read' }] });
    const { call, asked, clock, effects } = asking({ recipes: [recipe] });
    const reply = call('recipe__clean', {});
    await clock.pass(10);
    expect(asked[0]?.message).toContain('files__delete');
    expect(effects()).toEqual(['read {}']);
    asked[0]?.answer(yes);
    await clock.pass(10);
    expect(JSON.stringify(await reply)).toContain('2 calls, 2 ok');
  });

  test('about the calls of several batches at once, each for itself', async () => {
    const { batch, asked, clock, effects } = asking();
    const [first, second] = [batch([deleteOf('/a')]), batch([deleteOf('/b')])];
    await clock.pass(1);
    expect(asked.map(({ message }) => /"\/\w"/.exec(message)?.[0])).toEqual(['"/a"', '"/b"']);
    asked[1]?.answer(yes);
    await clock.pass(10);
    expect(endsOf(await second)).toEqual(['ok']);
    asked[0]?.answer(decided('no'));
    expect(endsOf(await first)).toEqual(['denied approval_declined']);
    expect(effects()).toEqual(['delete {"path":"/b"}']);
  });

  test('while a legacy client waits for its batch as a task', async () => {
    const { handle, clock, effects } = asking();
    const questions: Question[] = [];
    const about = (method: string, params: JsonObject) =>
      handle(
        requestOf(method, params, {
          capabilities: able,
          ask: (question) => {
            questions.push(question);
            return Promise.resolve(yes);
          },
        }),
      );
    const batch = { calls: [deleteOf('/a')], deadlineMs: 1_000 };
    const begun = await about('tools/call', { name: 'batch_call', arguments: batch, task: {} });
    const { taskId }: { taskId: string } = JSON.parse(JSON.stringify(begun['task']));
    await clock.pass(5_000);
    // Nobody has looked, and nothing has run; nor has the question gone elsewhere.
    expect(questions).toEqual([]);
    expect(effects()).toEqual([]);
    expect(await about('tasks/get', { taskId })).toMatchObject({ status: 'input_required' });
    const result = about('tasks/result', { taskId });
    await clock.pass(10);
    expect(textOf(questions[0]?.params['message'])).toContain('files__delete');
    expect(JSON.stringify(await result)).toContain('1 ok');
    expect(effects()).toEqual(['delete {"path":"/a"}']);
  });
});

describe('a batch that nobody came with', () => {
  test('is refused what needs approval where there is no queue, and says what can be written', async () => {
    const { batch, engine } = asking();
    engine.approvals.enqueue = () => undefined;
    const reply = await batch([deleteOf('/a')], { changes: { capabilities: {} } });
    expect(endsOf(reply)).toEqual(['denied approval_unavailable']);
    expect(JSON.stringify(reply)).not.toContain('approvals allow');
    expect(JSON.stringify(reply)).toContain('add delete to');
  });
});
