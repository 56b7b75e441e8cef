import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { FlowConfig } from '../../../src/config/config.ts';
import type { ToolClass } from '../../../src/core/tool.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { makeTool } from '../../policy/make-policy.ts';
import { memoryJournal } from '../batch/memory-journal.ts';
import { textOf } from '../batch/running.ts';
import { requestOf, stubEngine } from '../stub-engine.ts';

const tools = ['page', 'mail', 'send'].map((name) => makeTool(name));
const policy = {
  read: ['page', 'mail'],
  write: ['send'],
  untrusted: ['page'],
  private: ['mail'],
  exfiltrates: ['send'],
  cacheMs: 60_000,
};

/** Clients in front of a proxy that denies by the flow rule, unless told otherwise; what each of their requests comes to. */
function stage(flow: FlowConfig = { action: 'deny', within: 'session' }) {
  const { engine, sent } = stubEngine({ tools, policy, flow, journal: memoryJournal() });
  const ask = async (name: string, args: JsonObject, changes: Parameters<typeof requestOf>[2]): Promise<string> =>
    textOf(await handleRequest(engine, requestOf('tools/call', { name, arguments: args }, changes)));
  return {
    engine,
    names: () => sent.map(({ tool }) => tool),
    alone: (tool: string, principal = 'a') => ask(`files__${tool}`, {}, { principal }),
    batch: (names: readonly string[], principal = 'a') =>
      ask('batch_call', { calls: names.map((name) => ({ tool: `files__${name}` })) }, { principal }),
    withKey: (names: readonly string[], principal: string) =>
      ask(
        'batch_call',
        { idempotencyKey: 'k', calls: names.map((name) => ({ tool: `files__${name}` })) },
        { principal },
      ),
    scoped: (name: string, args: JsonObject, ...scopes: ToolClass[]) => ask(name, args, { scopes: new Set(scopes) }),
  };
}
const denied = /denied_by_policy: .*can let things out/;

describe('what lets things out, after a stranger and a secret were read', () => {
  test('is denied whatever the ways were on which they were read, and is not sent', async () => {
    const { alone, batch, names } = stage();
    await batch(['page']);
    expect(await alone('send')).not.toMatch(denied);
    await alone('mail');
    expect(await alone('send')).toMatch(denied);
    expect(await batch(['send'])).toMatch(denied);
    expect(names()).toEqual(['page', 'send', 'mail']);
  });

  test('is denied to the client that has read them, and to no other', async () => {
    const { alone, batch } = stage();
    await batch(['page', 'mail']);
    expect(await alone('send', 'b')).not.toMatch(denied);
    expect(await alone('send')).toMatch(denied);
  });

  test('is denied as well in a new session, whose reads were answered from the cache', async () => {
    const { engine, alone, batch, names } = stage();
    const leave = engine.flow.join({ id: 'b', isSession: true });
    await batch(['page', 'mail'], 'b');
    leave();
    await alone('page', 'b');
    await batch(['mail'], 'b');
    expect(names()).toEqual(['page', 'mail']);
    expect(await alone('send', 'b')).toMatch(denied);
  });

  test('is denied as well to a client that takes up a batch of before by its key', async () => {
    const { alone, withKey } = stage();
    await withKey(['page', 'mail'], 'a');
    await withKey(['page', 'mail'], 'b');
    expect(await alone('send', 'b')).toMatch(denied);
  });

  test('is denied within one batch alone where the rule says so', async () => {
    const { alone, batch } = stage({ action: 'deny', within: 'batch' });
    expect(await batch(['page', 'mail', 'send'])).toMatch(denied);
    expect(await batch(['send'])).not.toMatch(denied);
    expect(await alone('send')).not.toMatch(denied);
  });

  test('is sent where there is no rule', async () => {
    const { engine, sent } = stubEngine({ tools, policy });
    for (const name of ['page', 'mail', 'send']) {
      await handleRequest(engine, requestOf('tools/call', { name: `files__${name}`, arguments: {} }));
    }
    expect(sent).toHaveLength(3);
    expect(engine.flow.touched('stdio-1')).toEqual({});
  });
});

describe('a class that the token does not hold', () => {
  test.each([
    ['files__send', {}],
    ['batch_call', { calls: [{ tool: 'files__send' }] }],
  ])('is not sent by %s', async (name, args) => {
    const { scoped, names } = stage();
    expect(await scoped(name, args, 'read')).toContain('denied_by_policy: policy denies it: the token (scopes read)');
    expect(await scoped(name, args, 'read', 'write')).not.toContain('denied_by_policy');
    expect(names()).toEqual(['send']);
  });
});
