// What stands in the resources and prompts, and how their arguments are completed.
import { grown } from './catalog.mjs';
import { failure } from './failure.mjs';
import { nameForm } from './questions.mjs';
import { record } from './record.mjs';

const plain = (uri, text, fields = {}) => ({ contents: [{ uri, mimeType: 'text/plain', text, ...fields }] });
const allBytes = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte)).toString('base64');

const resources = {
  'memo://plain': (uri) => ({
    ...plain(uri, 'plain text\n', { _meta: { 'example.com/line': 1 }, vendorContent: { deep: [null] } }),
    // Only in the modern era; a legacy client passes them over.
    ttlMs: 60_000,
    cacheScope: 'public',
    vendorResult: { kept: true },
  }),
  'memo://bytes': (uri) => ({ contents: [{ uri, mimeType: 'application/octet-stream', blob: allBytes }] }),
  'memo://several': (uri) => ({
    contents: [
      { uri: `${uri}/1`, mimeType: 'text/plain', text: 'one' },
      { uri: `${uri}/2`, mimeType: 'image/png', blob: 'iVBORw0KGgo=' },
    ],
  }),
  'memo://asks': async (uri, { ask }) => {
    const { name } = await ask({ name: nameForm(uri) });
    record({ event: 'effect', key: uri });
    return plain(uri, JSON.stringify(name));
  },
  'memo://watched/a': (uri) => plain(uri, 'a'),
  'memo://watched/b': (uri) => plain(uri, 'b'),
};

export async function readResource({ uri }, exchange) {
  if (Object.hasOwn(resources, uri)) return resources[uri](uri, exchange);
  if (grown.resource.some((resource) => resource.uri === uri)) return plain(uri, 'grown');
  const person = /^memo:\/\/people\/([^/]+)$/.exec(uri);
  if (person !== null) return plain(uri, `about ${decodeURIComponent(person[1])}`);
  throw failure(-32002, 'Resource not found', { uri });
}

const says = (...content) => ({ messages: content.map((block) => ({ role: 'user', content: block })) });
const text = (value) => ({ type: 'text', text: value });

const prompts = {
  greet: ({ name, tone = 'plain' }) => ({
    description: 'A greeting',
    messages: [
      { role: 'user', content: { ...text(`Greet ${name}, ${tone}`), vendorBlock: { deep: [null] } } },
      { role: 'assistant', content: text(`Hello, ${name}`) },
    ],
    _meta: { 'example.com/shelf': 9 },
    vendorResult: { kept: true },
  }),
  picture: () => says(text('Look:'), { type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png' }),
  embedded: () =>
    says(
      { type: 'resource', resource: { uri: 'memo://plain', mimeType: 'text/plain', text: 'plain text\n' } },
      { type: 'resource_link', uri: 'memo://bytes', name: 'bytes' },
    ),
  asks: async (_args, { ask }) => {
    const { name } = await ask({ name: nameForm('it') });
    record({ event: 'effect', key: 'prompt:asks' });
    return says(text(JSON.stringify(name)));
  },
  odd: () => says({ type: 'hologram', beams: [{ angle: 1.25 }] }),
};

export async function getPrompt({ name, arguments: args = {} }, exchange) {
  if (name === 'greet' && args.name === undefined) throw failure(-32602, 'greet needs a name', { missing: ['name'] });
  if (Object.hasOwn(prompts, name)) return prompts[name](args, exchange);
  if (grown.prompt.some((prompt) => prompt.name === name)) return says(text('grown'));
  throw failure(-32602, `There is no prompt ${name}`);
}

const names = ['Ada', 'Adele', 'Alan', 'Grace'];
const cities = { france: ['paris', 'pau'], japan: ['tokyo'] };

export function complete({ ref, argument, context }) {
  const known =
    ref.type === 'ref/prompt'
      ? { name: names, tone: ['warm'] }
      : { name: names, country: Object.keys(cities), city: cities[context?.arguments?.country] ?? [] };
  const values = (known[argument.name] ?? []).filter((value) => value.startsWith(argument.value));
  return { completion: { values, total: values.length + 10, hasMore: true } };
}
