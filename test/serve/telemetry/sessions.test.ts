import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Aborter } from '../../../src/core/abort.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { createLegacySession } from '../../../src/serve/session/legacy-session.ts';
import { createModernClients } from '../../../src/serve/session/modern/modern-clients.ts';
import { makeTool } from '../../policy/make-policy.ts';
import { tellInMemory } from '../../telemetry/told.ts';
import { receptionOf } from '../reception.ts';
import { stubEngine } from '../stub-engine.ts';

const answer = () => ({ ok: true as const, result: { content: [] } });
const stub = () => stubEngine({ tools: [makeTool('read')], policy: { read: ['read'] }, answer });

describe('a session that is told of', () => {
  test('has a span for each request, by an id that nobody can use, and is measured from its opening to its end', async () => {
    const told = tellInMemory();
    const sent: JsonObject[] = [];
    const reception = { ...receptionOf(stub()), telemetry: told.telemetry };
    const outlet = { send: (message: JsonObject) => void sent.push(message) };
    const session = createLegacySession(reception, { principal: 'sesame', transport: 'http', outlet });
    const params = { protocolVersion: '2025-06-18', capabilities: {} };
    session.receive({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
    session.receive({ jsonrpc: '2.0', id: 'two', method: 'tools/call', params: { name: 'files__read' } });
    await setImmediate();
    session.close();
    expect(new Set(sent.map(({ id }) => id))).toEqual(new Set([1, 'two']));
    const read = told.ofKind('SERVER').find(({ name }) => name === 'tools/call files__read');
    expect(read!.attributes).toEqual({
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'files__read',
      'network.transport': 'tcp',
      'mcp.protocol.version': '2025-06-18',
      'jsonrpc.request.id': 'two',
      'mcp.session.id': expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    const metrics = await told.metrics();
    expect(metrics.count('mcp_server_session_duration_seconds', { network_transport: 'tcp' })).toBe(1);
    expect(metrics.count('mcp_server_operation_duration_seconds')).toBe(2);
  });

  test('is none in the modern era, where each request says which revision it speaks', async () => {
    const told = tellInMemory();
    const sent: JsonObject[] = [];
    const reception = { ...receptionOf(stub()), telemetry: told.telemetry };
    const clients = createModernClients(reception, { isShared: false, transport: 'stdio' });
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const exchange = { principal: 'p', signal: new Aborter(), send: (message: JsonObject) => void sent.push(message) };
    const params = { name: 'files__read', arguments: {}, _meta };
    clients.receive({ jsonrpc: '2.0', id: 7, method: 'tools/call', params }, exchange);
    await setImmediate();
    clients.close();
    expect(sent).toMatchObject([{ id: 7, result: { content: [] } }]);
    const [served] = told.ofKind('SERVER');
    expect(served!.attributes).toMatchObject({ 'mcp.protocol.version': '2026-07-28', 'jsonrpc.request.id': '7' });
    expect(served!.attributes).not.toHaveProperty('mcp.session.id');
    expect((await told.metrics()).count('mcp_server_session_duration_seconds')).toBeUndefined();
  });
});
