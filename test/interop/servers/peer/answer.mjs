// Requests, answered alike under both SDKs. Their own typed handlers would strip what they do not know, so everything comes here.
import { grown, prompts, resources, templates, toolsOf } from './catalog.mjs';
import { complete, getPrompt, readResource } from './contents.mjs';
import { failure } from './failure.mjs';
import { InputRequired } from './questions.mjs';
import { record } from './record.mjs';
import { tools } from './tools.mjs';

/** The result of a request; throws what the SDK answers as an error. */
export async function answer({ method, params = {} }, exchange) {
  const { era, headers } = exchange;
  record({ event: 'request', era, method, params, ...(headers !== undefined && { headers }) });
  if (!Object.hasOwn(methods, method)) throw failure(-32601, 'Method not found');
  try {
    return await methods[method](params, exchange);
  } catch (error) {
    if (error instanceof InputRequired) return error.result;
    throw error;
  }
}

/** Notifications that the SDK does not take itself. */
export async function takeNotification({ method, params }) {
  record({ event: 'notification', method, params });
}

const methods = {
  'tools/list': ({ cursor }, { era }) => toPage('tools', [...toolsOf(era), ...grown.tool], { size: 9, cursor }),
  'tools/call': callTool,
  'resources/list': ({ cursor }) => toPage('resources', [...resources, ...grown.resource], { size: 2, cursor }),
  'resources/templates/list': ({ cursor }) => toPage('resourceTemplates', templates, { size: 1, cursor }),
  'resources/read': readResource,
  'resources/subscribe': ({ uri }, { subscriptions }) => {
    subscriptions.add(uri);
    return {};
  },
  'resources/unsubscribe': ({ uri }, { subscriptions }) => {
    subscriptions.delete(uri);
    return {};
  },
  'prompts/list': ({ cursor }) => toPage('prompts', [...prompts, ...grown.prompt], { size: 2, cursor }),
  'prompts/get': getPrompt,
  'completion/complete': complete,
  'vendor/echo': (params, { meta }) => ({ echoed: { ...params, _meta: undefined }, seenMeta: meta ?? null }),
  'vendor/fail': () => {
    throw failure(-32051, 'The vendor says no', { vendor: [{ deep: null }] });
  },
};

async function callTool({ name, arguments: args = {} }, exchange) {
  if (Object.hasOwn(tools, name)) return tools[name](args, exchange);
  if (grown.tool.some((tool) => tool.name === name)) return { content: [{ type: 'text', text: `I am ${name}` }] };
  throw failure(-32602, `There is no tool ${name}`);
}

function toPage(field, items, { size, cursor }) {
  const start = cursor === undefined ? 0 : Number(/^after (\d+)$/.exec(cursor)?.[1]);
  if (!Number.isInteger(start)) throw failure(-32602, 'No such cursor', { cursor });
  const end = start + size;
  return { [field]: items.slice(start, end), ...(end < items.length && { nextCursor: `after ${end}` }) };
}
