import { describe, expect, test } from 'vitest';
import type { Notice } from '../../../src/core/protocol/client.ts';
import type { ServerOffer } from '../../../src/core/protocol/server.ts';
import { watchChanges } from '../../../src/serve/features/client-changes.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { makeTool } from '../../policy/make-policy.ts';
import { requestOf, stubEngine } from '../stub-engine.ts';

function watching(options: Parameters<typeof stubEngine>[0] = {}) {
  const heard: Notice[] = [];
  const stub = stubEngine({ servers: ['files', 'mail'], ...options });
  const stop = watchChanges(stub.engine, (notice) => heard.push(notice));
  return { ...stub, heard, stop };
}

const resourcesChanged = { method: 'notifications/resources/list_changed', params: {} };
const promptsChanged = { method: 'notifications/prompts/list_changed', params: {} };
const toolsChanged = { method: 'notifications/tools/list_changed', params: {} };

describe('what a client hears of its servers', () => {
  test.each([
    ['notifications/message', { level: 'info', logger: 'x', data: { any: [1] }, odd: 1 }],
    ['notifications/vendor/thing', { a: { b: null }, _meta: { c: 1 } }],
    ['vendor-thing', {}],
    ['notifications/elicitation/complete', { elicitationId: 'e' }],
  ])('is what they send, as it came (%s)', (method, params) => {
    const { heard, tell } = watching();
    tell({ server: 'files', method, params });
    expect(JSON.stringify(heard)).toBe(JSON.stringify([{ method, params }]));
  });

  test('is that the tools have changed, once, whether a server says it, or we have seen it, or both', async () => {
    const { heard, tell, change, clock } = watching();
    tell({ server: 'files', ...toolsChanged });
    expect(heard).toEqual([toolsChanged]);
    await clock.pass(2_000);
    change();
    expect(heard).toEqual([toolsChanged, toolsChanged]);
    tell({ server: 'files', ...toolsChanged });
    change();
    expect(heard).toHaveLength(2);
    await clock.pass(2_000);
    expect(heard).toHaveLength(3);
  });

  test.each([resourcesChanged, promptsChanged, toolsChanged])(
    'is at most once a second that a list has changed, and the last change is never lost ($method)',
    async (changed) => {
      const { heard, tell, clock } = watching();
      for (let index = 0; index < 50; index++) {
        tell({ server: index % 2 === 0 ? 'files' : 'mail', ...changed, params: { index } });
        await clock.pass(10);
      }
      expect(heard).toEqual([{ ...changed, params: { index: 0 } }]);
      await clock.pass(500);
      expect(heard).toEqual([
        { ...changed, params: { index: 0 } },
        { ...changed, params: { index: 49 } },
      ]);
      await clock.pass(5_000);
      expect(heard).toHaveLength(2);
      tell({ server: 'files', ...changed });
      expect(heard).toHaveLength(3);
    },
  );

  test('is at most four times a second that one resource has changed, and the last change is never lost', async () => {
    const { heard, tell, clock } = watching();
    const update = (uri: string, n: number): void =>
      tell({ server: 'files', method: 'notifications/resources/updated', params: { uri, n } });
    const seen = (): unknown[] => heard.map(({ params }) => JSON.stringify([params['uri'], params['n']]));
    for (let n = 0; n < 20; n++) {
      update('x:a', n);
      await clock.pass(10);
    }
    update('x:b', 0);
    expect(seen()).toEqual(['["x:a",0]', '["x:b",0]']);
    await clock.pass(50);
    expect(seen()).toEqual(['["x:a",0]', '["x:b",0]', '["x:a",19]']);
    await clock.pass(5_000);
    expect(heard).toHaveLength(3);
    expect(clock.timers()).toBe(0);
    update('x:a', 20);
    expect(seen().at(-1)).toBe('["x:a",20]');
  });

  test('has a bound, however many resources a server makes up', async () => {
    const { heard, tell, clock, stop } = watching();
    for (let n = 0; n < 10_000; n++) {
      tell({ server: 'files', method: 'notifications/resources/updated', params: { uri: `x:${n}` } });
    }
    expect(heard).toHaveLength(2_000);
    await clock.pass(250);
    tell({ server: 'files', method: 'notifications/resources/updated', params: { uri: 'x:a' } });
    expect(heard).toHaveLength(2_001);
    stop();
    expect(clock.timers()).toBe(0);
  });

  test('is of one list while another one is held back', () => {
    const { heard, tell } = watching();
    for (const changed of [resourcesChanged, resourcesChanged, promptsChanged, toolsChanged]) {
      tell({ server: 'files', ...changed });
    }
    expect(heard).toEqual([resourcesChanged, promptsChanged, toolsChanged]);
  });

  test('is that a server has come with prompts and resources, which tells nobody itself, and that once', async () => {
    const offers: Record<string, Partial<ServerOffer>> = { files: { capabilities: { prompts: {} } } };
    const { heard, change, clock, engine } = watching({ offers });
    await handleRequest(engine, requestOf('prompts/list', {})).catch(() => {});
    await handleRequest(engine, requestOf('resources/templates/list', {}));
    change();
    expect(heard.splice(0)).toEqual([toolsChanged]);
    await clock.pass(2_000);
    offers['mail'] = { capabilities: { prompts: {}, resources: {}, tools: {} } };
    change();
    await clock.pass(2_000);
    expect(heard.splice(0)).toEqual([toolsChanged, promptsChanged, resourcesChanged]);
    change();
    await clock.pass(2_000);
    expect(heard).toEqual([toolsChanged]);
  });

  test('is what prompts and resources there are, without a word of tools, where a server goes that has no tools', async () => {
    const offers: Record<string, Partial<ServerOffer>> = { mail: { capabilities: { prompts: {}, resources: {} } } };
    const { heard, change, clock, engine } = watching({ offers });
    await handleRequest(engine, requestOf('prompts/list', {})).catch(() => {});
    delete offers['mail'];
    change({ tools: false, offering: true });
    await clock.pass(2_000);
    expect(heard).toEqual([promptsChanged]);
  });

  test('is nothing of servers that come before it has asked for any list', async () => {
    const offers: Record<string, Partial<ServerOffer>> = {};
    const { heard, change, clock } = watching({ offers });
    offers['mail'] = { capabilities: { prompts: {}, resources: {} } };
    change();
    await clock.pass(2_000);
    expect(heard).toEqual([toolsChanged]);
  });

  test("is how its own tasks go on, also when told with the answer that made them; nobody else's", async () => {
    const status = (taskId: string) => ({
      server: 'files',
      method: 'notifications/tasks/status',
      params: { taskId, odd: 1 },
    });
    const { heard, tell, engine, clock } = watching({
      tools: [makeTool('work')],
      answer: () => {
        tell(status('t1'));
        tell(status('foreign'));
        return { ok: true, result: { task: { taskId: 't1' } } };
      },
    });
    await handleRequest(engine, requestOf('tools/call', { name: 'files__work', arguments: {}, task: {} }));
    tell({ ...status('t1'), server: 'mail' });
    await clock.pass(0);
    expect(heard).toEqual([{ method: 'notifications/tasks/status', params: { taskId: 't1', odd: 1 } }]);
  });

  test('is nothing more once it has stopped listening, and nothing is left behind', async () => {
    const { heard, tell, change, stop, clock, watchers } = watching();
    for (const changed of [resourcesChanged, resourcesChanged]) tell({ server: 'files', ...changed });
    tell({ server: 'files', method: 'notifications/tasks/status', params: { taskId: 't' } });
    expect(clock.timers()).toBe(2);
    stop();
    expect([clock.timers(), watchers()]).toEqual([0, 0]);
    change();
    tell({ server: 'files', ...promptsChanged });
    await clock.pass(5_000);
    expect(heard).toEqual([resourcesChanged]);
  });
});
