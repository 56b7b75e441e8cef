// Requests and their answers, whatever they come over.
import { hostileTools } from './hostile-schemas.mjs';
import { httpFaults } from './http-faults.mjs';
import { stdioFaults } from './stdio-faults.mjs';
import { tools } from './tools.mjs';

const modernVersion = '2026-07-28';
const unknownMethod = { code: -32601, message: 'Method not found' };
const serverInfo = { name: 'faulty', version: '1.0.0' };
const capabilities = { tools: { listChanged: true }, logging: {} };

/**
 * `handle(message, wire)` answers one message; `onChange(listener)` hears that the tool list has changed. Of `wire`, the transport gives
 * `answer`, `fail`, `raw` and `notify`.
 */
export function createProtocol({ era, transport, hangs, hostile, schemaOrigin }, log) {
  const isModern = era === 'modern';
  const offered = {
    ...tools,
    ...(transport === 'http' ? httpFaults : stdioFaults),
    ...(hostile && hostileTools(schemaOrigin)),
  };
  const running = new Map();
  const listeners = new Set();
  let generation = 0;

  const stamp = (result) => (isModern ? { ...result, resultType: 'complete' } : result);
  const changeTools = () => {
    generation += 1;
    for (const listener of listeners) listener();
  };
  const listed = () => {
    const all = Object.values(offered).map((one) => one.listed);
    return generation === 0 ? all : [...all, { ...tools.read.listed, name: `new_${generation}` }];
  };

  const call = async ({ id, params }, wire) => {
    const { name, arguments: args = {} } = params;
    const found = offered[name] ?? (name.startsWith('new_') ? tools.read : undefined);
    if (found === undefined) {
      wire.fail({ code: -32602, message: `Unknown tool: ${name}` });
      return;
    }
    const controller = new AbortController();
    running.set(wire.runningKey ?? id, controller);
    const about = { tool: name, nonce: args.nonce, key: args.key };
    log('start', about);
    let isEnded = false;
    const end = (send) => (value) => {
      if (!isEnded) log('end', about);
      isEnded = true;
      running.delete(wire.runningKey ?? id);
      send(value);
    };
    controller.signal.addEventListener('abort', () => log('cancelled', about));
    await found.run(args, {
      ...wire,
      id,
      signal: controller.signal,
      answer: end((result) => wire.answer(stamp(result))),
      fail: end(wire.fail),
      changeTools,
      log: (event, fields) => log(event, { ...about, ...fields }),
    });
  };

  const requests = {
    initialize({ params }, wire) {
      log('initialize');
      if (hangs) return;
      const protocolVersion = params.protocolVersion ?? '2025-06-18';
      if (!isModern) wire.opened?.();
      if (isModern) wire.fail(unknownMethod);
      else wire.answer({ protocolVersion, capabilities, serverInfo });
    },
    'server/discover'(_, wire) {
      log('discover');
      if (hangs) return;
      const _meta = { 'io.modelcontextprotocol/serverInfo': serverInfo };
      const result = { supportedVersions: [modernVersion], capabilities, ttlMs: 0, cacheScope: 'private', _meta };
      if (isModern) wire.answer({ ...result, resultType: 'complete' });
      else wire.fail(unknownMethod);
    },
    ping(_, wire) {
      log('ping');
      wire.answer({});
    },
    'tools/list'(_, wire) {
      log('list');
      wire.answer({ tools: listed(), ...(isModern && { resultType: 'complete', ttlMs: 0, cacheScope: 'private' }) });
    },
    'tools/call': call,
    'logging/setLevel': (_, wire) => wire.answer({}),
    'subscriptions/listen'({ id, params }, wire) {
      log('listen');
      const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
      wire.notify({
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications: params.notifications ?? {}, _meta },
      });
      const listener = () => wire.notify({ method: 'notifications/tools/list_changed', params: { _meta } });
      listeners.add(listener);
      wire.onClose?.(() => listeners.delete(listener));
    },
  };

  return {
    isModern,
    /** Gives up a call that runs, as a client asks for it. */
    cancel: (key) => running.get(key)?.abort(),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    handle(message, wire) {
      if (message.id === undefined || message.method === undefined) return undefined;
      const request = requests[message.method];
      return request === undefined ? wire.fail(unknownMethod) : request(message, wire);
    },
  };
}
