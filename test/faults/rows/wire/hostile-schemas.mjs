import { createServer } from 'node:net';
import { once } from 'node:events';
import { check, checkEqual, checkWithin, millis } from '../../harness/check.mjs';
import { bothTransports } from '../ways.mjs';

export const hostileSchemas = {
  id: 'F12',
  isLoud: true,
  title: 'a tool schema with a catastrophic regex, a network `$ref`, a broken pattern',
  expected: 'only that tool is affected; no connection is opened; loop stall under 50 ms',
  ways: bothTransports,
  async run(stage) {
    let connections = 0;
    const trap = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(trap, 'listening');
    stage.closeLater(() => trap.close());
    const up = await stage.upstream('up', { hostile: true, schemaOrigin: `http://127.0.0.1:${trap.address().port}` });
    const proxy = await stage.start([up]);
    const { names } = await proxy.listTools();
    await proxy.call('up__read', {});
    await proxy.ask('report');
    // Long enough that a backtracking engine would not be done before the sun is.
    const value = `${'a'.repeat(40)}!`;
    const tools = [
      'backtracking',
      'backtracking_alternatives',
      'remote_ref',
      'remote_meta',
      'broken_pattern',
      'doubling',
      'deep',
      'recursive',
    ];
    const seen = {};
    let worst = 0;
    for (const tool of tools) {
      const { results } = await proxy.batch([
        {
          tool: `up__${tool}`,
          arguments: { nonce: tool, value: tool === 'deep' ? { a: {} } : value },
          timeoutMs: 5_000,
        },
        { tool: 'up__read', arguments: { nonce: 'beside', key: tool } },
      ]);
      const { loopMaxMs } = await proxy.ask('report');
      checkEqual(results[1]?.status, 'ok', `the other tool beside ${tool}`);
      const status = results[0]?.status;
      check(status === 'ok' || status === 'invalid', `${tool}: ${status} ${results[0]?.error?.message}`);
      checkWithin(loopMaxMs, { atMost: 50 }, `${tool}: ms for which the loop stood still`);
      seen[status] = (seen[status] ?? 0) + 1;
      worst = Math.max(worst, loopMaxMs);
      const { text } = await proxy.call(`up__${tool}`, { nonce: tool, value });
      if (names.includes(`up__${tool}`)) checkEqual(text, tool, `${tool} called by itself`);
    }
    checkEqual(connections, 0, 'connections opened');
    return `${tools.length} schemas, loop stall ${millis(worst)} at most, 0 connections`;
  },
};
