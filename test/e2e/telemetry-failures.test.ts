import { afterAll, describe, expect, test } from 'vitest';
import { startCollector } from '../telemetry/collector.ts';
import { until } from '../upstream/support.ts';
import { createWorkspace, fixtureServer, startProxy, writeConfig } from './support.ts';

const servers = { it: fixtureServer('scripted.mjs') };
/** As in a collector's URL, which nothing of ours may show. */
const key = 'key-of-the-collector';

describe('a program whose collector is not there', () => {
  const workspace = createWorkspace();
  afterAll(workspace.close);

  test('[collector] answers every call, says so once, and ends as fast as ever', async () => {
    const gone = await startCollector();
    await gone.close();
    const config = writeConfig(workspace, { servers });
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: gone.url.replace('://', `://user:${key}@`),
      OTEL_EXPORTER_OTLP_TIMEOUT: '200',
      OTEL_BSP_SCHEDULE_DELAY: '20',
    };
    const proxy = startProxy(workspace, { config, env });
    await proxy.initialize();
    for (const text of ['one', 'two', 'three']) {
      const answer = await proxy.request('tools/call', { name: 'it__echo', arguments: { text } });
      expect(JSON.stringify(answer)).toContain(text);
      if (text === 'one') await until(() => proxy.stderr().includes('cannot be delivered'), 20_000);
    }
    const endedMs = performance.now();
    proxy.endInput();
    expect(await proxy.exited).toMatchObject({ code: 0 });
    expect(performance.now() - endedMs).toBeLessThan(3_500);
    expect(proxy.stderr().match(/traces cannot be delivered/g)).toHaveLength(1);
    expect(proxy.stderr()).not.toContain(key);
  });

  describe('where the port for its metrics is taken', () => {
    const taken = /no metrics can be shown: port \d+ of 127\.0\.0\.1 is in use by another program/;

    test('does not begin over HTTP, and says what would mend it', async () => {
      const other = await startCollector();
      const config = writeConfig(workspace, { servers, telemetry: { metrics: other.url.slice('http://'.length) } });
      const proxy = startProxy(workspace, { args: ['serve', '--config', config, '--http', '0', '--no-auth'] });
      expect(await proxy.exited).toMatchObject({ code: 1 });
      expect(proxy.stderr()).toMatch(taken);
      expect(proxy.stderr()).toContain('write another address as telemetry.metrics');
      await other.close();
    });

    test('goes on without over stdio, since another client may have started the one that has it', async () => {
      const other = await startCollector();
      const config = writeConfig(workspace, { servers, telemetry: { metrics: other.url.slice('http://'.length) } });
      const proxy = startProxy(workspace, { config });
      await proxy.initialize();
      const answer = await proxy.request('tools/call', { name: 'it__echo', arguments: { text: 'one' } });
      expect(JSON.stringify(answer)).toContain('one');
      proxy.endInput();
      expect(await proxy.exited).toMatchObject({ code: 0 });
      expect(proxy.stderr()).toMatch(taken);
      expect(proxy.stderr()).toContain('serve --http');
      await other.close();
    });
  });
});
