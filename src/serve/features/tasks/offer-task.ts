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
 * is answered with a task, which the extension allows a server at any time. No server's question is open then, since deadlines stand
 * still for those; one for approval may be.
 */
export function offerTask(engine: Engine, request: ClientRequest, run: RunBatch): Promise<JsonObject> {
  const { capabilities } = request;
  const questions = createTaskQuestions(engine);
  let isTask = false;
  const ask: Ask = async (question, signal) => {
    if (!isTask) {
      const reply = await request.ask(question, signal);
      // What its user has not answered when the task takes the place of the reply is asked again through the task.
      if (reply.ok || !isTask || signal.aborted) return reply;
    }
    return refuseQuestion(question, capabilities) ?? questions.ask(question, signal);
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
