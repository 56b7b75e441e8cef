import type { JsonObject } from '../../../core/json.ts';
import type { Ask } from '../../../core/protocol/client.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { refuseQuestion } from '../../questions/refuse-question.ts';
import { boundTtlMs, createBatchTask, stateOf } from './batch-task.ts';
import { toModernTask } from './render-task.ts';
import type { RunBatch } from './run-as-task.ts';
import { createTaskQuestions } from './task-questions.ts';

/**
 * Runs a batch for a modern client that understands tasks. Up to the deadline it is a request like any other; a batch that outlives it
 * is answered with a task, which the extension allows a server at any time. No question is open then: deadlines stand still for them.
 */
export function offerTask(engine: Engine, request: ClientRequest, run: RunBatch): Promise<JsonObject> {
  const { capabilities } = request;
  const questions = createTaskQuestions(engine);
  let isTask = false;
  const ask: Ask = (question, signal) => {
    if (!isTask) return request.ask(question, signal);
    const refused = refuseQuestion(question, capabilities);
    return refused === undefined ? questions.ask(question, signal) : Promise.resolve(refused);
  };
  return run(
    { ...request, ask },
    {
      isAtOnce: false,
      take(batch) {
        isTask = true;
        const ttlMs = boundTtlMs(undefined, { runMs: engine.setup().settings.backgroundMs });
        const task = createBatchTask(engine, batch, { ttlMs, questions });
        return { resultType: 'task', ...toModernTask(stateOf({ task, batch }, task.createdMs)) };
      },
    },
  );
}
