import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/core/json.ts';
import type { SendResult } from '../../../src/core/outcome.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { makeTool } from '../../policy/make-policy.ts';
import { requestOf, stubEngine, type StubEngine } from '../stub-engine.ts';

const tools = ['read', 'write', 'delete'].map((name) => makeTool(name));
const policy = {
  read: ['read'],
  write: ['write'],
  destructive: ['delete'],
  allow: ['delete'],
  tools: { write: { locks: [{ arg: 'path', type: 'path' as const }] }, read: { locks: 'none' as const } },
};

export const readCall = { tool: 'files__read' };

export function writeTo(path: string): JsonObject {
  return { tool: 'files__write', arguments: { path } };
}

export interface Running extends StubEngine {
  /** Calls a tool as a client. */
  ask(name: string, args: JsonValue, changes?: Parameters<typeof requestOf>[2]): Promise<JsonObject>;
}

/** An engine whose upstream answers a call after as many milliseconds as its `ms` says, and never where it says nothing. */
export function running(options: Omit<NonNullable<Parameters<typeof stubEngine>[0]>, 'answer'> = {}): Running {
  const stub: StubEngine = stubEngine({
    tools,
    policy,
    ...options,
    answer: ({ params }) =>
      new Promise<SendResult>((resolve) => {
        const args = isJsonObject(params['arguments']) ? params['arguments'] : {};
        const ms = args['ms'];
        const text = typeof args['path'] === 'string' ? `done ${args['path']}` : 'done';
        const answer = (): void => resolve({ ok: true, result: { content: [{ type: 'text', text }] } });
        if (typeof ms === 'number') stub.clock.after(ms, answer);
      }),
  });
  return {
    ...stub,
    ask: (name, args, changes) =>
      handleRequest(stub.engine, requestOf('tools/call', { name, arguments: args }, changes)),
  };
}

/** A call that takes so long. */
export function lasting(ms: number, call: JsonObject = readCall): JsonObject {
  const args = isJsonObject(call['arguments']) ? call['arguments'] : {};
  return { ...call, arguments: { ...args, ms } };
}

export function textOf({ content }: JsonObject): string {
  if (!Array.isArray(content)) throw new Error('the result has no content');
  return content
    .flatMap((block) => (isJsonObject(block) && typeof block['text'] === 'string' ? [block['text']] : []))
    .join('\n');
}

export function structuredOf({ structuredContent }: JsonObject): JsonObject {
  if (!isJsonObject(structuredContent)) throw new Error('the result has no structured content');
  return structuredContent;
}

export function batchIdOf(reply: JsonObject): string {
  const structured = reply['structuredContent'];
  const id = isJsonObject(structured) ? structured['batchId'] : /^batch (\w+):/.exec(textOf(reply))?.[1];
  if (typeof id !== 'string') throw new Error(`the reply names no batch: ${textOf(reply)}`);
  return id;
}

/** Status by status, in the order of the calls. */
export function statusesOf(reply: JsonObject): unknown[] {
  const { results } = structuredOf(reply);
  return Array.isArray(results) ? results.map((row) => (isJsonObject(row) ? row['status'] : row)) : [];
}
