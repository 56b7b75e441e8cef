import { expect, test } from 'vitest';
import type { Readiness } from '../../../src/serve/http/health.ts';
import { send, startListener } from './support.ts';

test('the process is alive as soon as it listens, and ready when every server has been tried; one that is lost later changes nothing', async () => {
  let readiness: Readiness = { ready: false, servers: [{ name: 'files', state: 'connecting' }] };
  const stub = await startListener({ readiness: () => readiness });
  const ask = async (path: string): Promise<object> => {
    const { status, json, headers } = await send(stub.port, { method: 'GET', path });
    expect(headers['cache-control']).toBe('no-store');
    return { status, ...json };
  };
  expect(await ask('/healthz')).toEqual({ status: 'ok' });
  expect(await ask('/readyz')).toEqual({ status: 503, ready: false, servers: { files: 'connecting' } });
  readiness = { ready: true, servers: [{ name: 'files', state: 'ready' }] };
  expect(await ask('/readyz')).toEqual({ status: 200, ready: true, servers: { files: 'ready' } });
  readiness = { ready: false, servers: [{ name: 'files', state: 'connecting' }] };
  expect(await ask('/readyz')).toEqual({ status: 200, ready: true, servers: { files: 'connecting' } });
  await stub.close();
});

test('nothing is said of a server but its name and state', async () => {
  const secretive = { name: 'api', state: 'failed', reason: 'wrong password hunter2' };
  const stub = await startListener({ readiness: () => ({ ready: true, servers: [secretive] }) });
  expect((await send(stub.port, { method: 'GET', path: '/readyz' })).text).not.toContain('hunter2');
  await stub.close();
});
