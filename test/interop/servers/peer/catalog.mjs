// What the servers of the matrix offer, the same in both SDK versions. Rows of test/interop/features/ rely on these names and texts.

export const identity = { name: 'interop', title: 'Interop peer', version: '1.2.3' };
export const instructions = 'Interop peer: look before you leap.';
export const capabilities = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  prompts: { listChanged: true },
  completions: {},
  logging: {},
};

const string = { type: 'string' };
const number = { type: 'number' };
const tool = (name, properties = {}, fields = {}) => ({
  name,
  description: `The ${name} of the interop peer`,
  inputSchema: { type: 'object', properties, required: Object.keys(properties) },
  annotations: { readOnlyHint: true },
  ...fields,
});
const writes = { annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false } };

const weather = tool(
  'weather',
  { city: string },
  {
    title: 'The weather',
    outputSchema: { type: 'object', properties: { city: string, celsius: number }, required: ['city', 'celsius'] },
    annotations: { title: 'Weather', readOnlyHint: true, openWorldHint: false },
    icons: [{ src: 'data:image/png;base64,iVBORw0KGgo=', mimeType: 'image/png', sizes: ['16x16'] }],
    _meta: { 'example.com/weight': { grams: [1, 2.5, null] } },
  },
);
const odd = tool(
  'odd_fields',
  { city: { ...string, 'x-vendor': { units: ['k', 'c'] }, pattern: '^.+$' } },
  { 'x-vendor': { kept: true, deep: [{ nothing: null }] }, annotations: { readOnlyHint: true, vendorHint: 'soft' } },
);
/** Of an array in the modern era; wrapped, as servers of the legacy era have to. */
const primes = (era) =>
  tool(
    'primes',
    {},
    {
      outputSchema:
        era === 'modern'
          ? { type: 'array', items: number }
          : { type: 'object', properties: { result: { type: 'array', items: number } }, required: ['result'] },
    },
  );

/** In this order, in three pages. */
export const toolsOf = (era) => [
  tool('echo', { value: {} }),
  weather,
  odd,
  tool('odd_types'),
  primes(era),
  tool('gallery'),
  tool('steps', { count: number }),
  tool('burst', { count: number }),
  tool('wait', { key: string }),
  tool('log_all', { key: string }),
  tool('log_later', { key: string }),
  tool('with_meta', { key: string }),
  tool('vendor_note', { key: string }),
  tool('fail', { code: number, message: string, data: {} }),
  tool('fail_softly'),
  tool('capabilities'),
  tool('region', { key: string, region: { ...string, 'x-mcp-header': 'Region' } }),
  tool('ask_name', { key: string }, writes),
  tool('ask_twice', { key: string }, writes),
  tool('ask_both', { key: string }, writes),
  tool('ask_url', { key: string }, writes),
  tool('authorize', { key: string }, writes),
  tool('sample', { key: string }, writes),
  tool('list_roots', { key: string }),
  tool('come_again', { key: string }, writes),
  tool('touch', { uri: string }, writes),
  tool('grow', { kind: { enum: ['tool', 'prompt', 'resource'] }, name: string }, writes),
];

const resource = (uri, fields = {}) => ({ uri, name: uri.slice('memo://'.length), mimeType: 'text/plain', ...fields });

export const resources = [
  resource('memo://plain', {
    title: 'A plain memo',
    description: 'One line',
    size: 11,
    annotations: { audience: ['user'], priority: 0.25, lastModified: '2026-01-02T03:04:05Z' },
    _meta: { 'example.com/shelf': 7 },
    'x-vendor': { kept: true },
  }),
  resource('memo://bytes', { mimeType: 'application/octet-stream' }),
  resource('memo://several'),
  resource('memo://asks'),
  resource('memo://watched/a'),
  resource('memo://watched/b'),
];

export const templates = [
  {
    uriTemplate: 'memo://people/{name}',
    name: 'people',
    title: 'People',
    description: 'One memo a person',
    mimeType: 'text/plain',
    'x-vendor': { kept: true },
  },
  { uriTemplate: 'memo://places/{country}/{city}', name: 'places', mimeType: 'text/plain' },
];

export const prompts = [
  {
    name: 'greet',
    title: 'A greeting',
    description: 'Greets somebody',
    arguments: [
      { name: 'name', description: 'Who', required: true },
      { name: 'tone', description: 'How', required: false },
    ],
    _meta: { 'example.com/shelf': 8 },
    'x-vendor': { kept: true },
  },
  { name: 'picture', description: 'With an image' },
  { name: 'embedded', description: 'With a resource' },
  { name: 'asks', description: 'Asks before it answers' },
  { name: 'odd', description: 'With unknown content' },
];

/** What was added while the server runs: a few things a row, under names of their own. */
export const grown = { tool: [], prompt: [], resource: [] };

export function grow(kind, name) {
  grown[kind].push(
    kind === 'tool'
      ? { name, inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }
      : kind === 'prompt'
        ? { name }
        : { uri: `memo://${name}`, name, mimeType: 'text/plain' },
  );
}
