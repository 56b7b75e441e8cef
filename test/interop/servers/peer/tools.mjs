// What the tools do. Each gets its arguments and the exchange: { era, meta, headers, signal, capabilities, notify, log, logOutside, ask,
// comeAgain }.
import { grow } from './catalog.mjs';
import { announce, announceUpdate } from './connections.mjs';
import { failure } from './failure.mjs';
import { holdOutput } from './output.mjs';
import { colourForm, firstSample, nameForm, pageToVisit, rootsQuestion, secondSample } from './questions.mjs';
import { record } from './record.mjs';

// Far longer than any row waits.
const waitMs = 30_000;
// Outside of any call: long after the answer has left.
const laterMs = 30;

const text = (value) => ({
  content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }],
});
const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];
const authorized = new Set();

export const tools = {
  echo: (args) => ({ ...text(args), structuredContent: args }),

  weather: ({ city }) => ({ ...text(`12 degrees in ${city}`), structuredContent: { city, celsius: 12 } }),

  primes: (_args, { era }) => ({
    ...text('[2,3,5,7]'),
    structuredContent: era === 'modern' ? [2, 3, 5, 7] : { result: [2, 3, 5, 7] },
  }),

  odd_fields: ({ city }) => ({
    content: [
      {
        type: 'text',
        text: city,
        annotations: { audience: ['user', 'assistant'], priority: 0.5, vendorHint: [1] },
        vendorBlock: { deep: [1, null, { x: 'y' }], empty: {} },
        _meta: { 'example.com/block': true },
      },
    ],
    structuredContent: { city, vendor: { deep: [[], {}, '', 0, false, null, 1.5e-7, 9007199254740991] } },
    isError: false,
    vendorResult: { z: 1, a: [{ b: null }] },
  }),

  odd_types: () => ({
    content: [
      { type: 'text', text: 'before' },
      { type: 'hologram', beams: [{ angle: 1.25 }, null], _meta: { 'example.com/block': 1 } },
      { type: 'text', text: 'after' },
    ],
  }),

  gallery: () => ({
    content: [
      { type: 'text', text: 'grüße ✓ \u2028 "\\' },
      { type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png', annotations: { priority: 1 } },
      { type: 'audio', data: 'UklGRg==', mimeType: 'audio/wav' },
      { type: 'resource_link', uri: 'memo://plain', name: 'plain', title: 'A plain memo', mimeType: 'text/plain' },
      { type: 'resource', resource: { uri: 'memo://inline', mimeType: 'text/plain', text: 'inline' } },
      {
        type: 'resource',
        resource: { uri: 'memo://inline/bytes', mimeType: 'application/octet-stream', blob: 'AAEC/w==' },
      },
    ],
  }),

  steps: async ({ count }, exchange) => {
    await reportSteps(count, exchange);
    return text(`${count} steps`);
  },

  burst: async ({ count }, exchange) => {
    holdOutput();
    await reportSteps(count, exchange);
    return text(`${count} at once`);
  },

  wait: ({ key }, { signal }) =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(text('waited')), waitMs);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        record({ event: 'cancelled', key });
        resolve(text('cancelled'));
      });
      record({ event: 'waiting', key });
    }),

  log_all: async ({ key }, { log }) => {
    for (const level of levels) await log(level, { key, level, nested: [{ n: null }] });
    return text('logged');
  },

  log_later: ({ key }, { logOutside }) => {
    setTimeout(() => logOutside('emergency', { key }), laterMs);
    return text('will log');
  },

  with_meta: () => ({ ...text('see _meta'), _meta: { 'example.com/cost': { tokens: 3, parts: [1, null] } } }),

  vendor_note: async ({ key }, { notify }) => {
    await notify('notifications/vendor/note', { key, deep: { list: [1, null, 'x'] } });
    return text('noted');
  },

  fail: ({ code, message, data }) => {
    throw failure(code, message, data);
  },

  fail_softly: () => ({ ...text('it did not work'), isError: true }),

  capabilities: (_args, { capabilities }) => text(capabilities ?? {}),

  region: ({ region }) => text(region),

  ask_name: async ({ key }, { ask, capabilities }) => {
    if (capabilities?.elicitation === undefined) return { ...text('the client cannot be asked'), isError: true };
    const { name } = await ask({ name: nameForm(key) });
    if (name.action === 'accept') record({ event: 'effect', key });
    return text(name);
  },

  ask_twice: async ({ key }, { ask }) => {
    const { name } = await ask({ name: nameForm(key) });
    const { colour } = await ask({ colour: colourForm });
    record({ event: 'effect', key });
    return text({ name, colour });
  },

  ask_both: async ({ key }, { ask }) => {
    const { name, roots } = await ask({ name: nameForm(key), roots: rootsQuestion });
    record({ event: 'effect', key });
    return text({ name, roots });
  },

  ask_url: async ({ key }, { ask, era, notify, capabilities }) => {
    if (capabilities?.elicitation?.url === undefined) return { ...text('the client opens no pages'), isError: true };
    const question = pageToVisit(era, key);
    const { page } = await ask({ page: question });
    if (era === 'legacy') {
      const { elicitationId } = question.params;
      await notify('notifications/elicitation/complete', { elicitationId });
    }
    if (page.action === 'accept') record({ event: 'effect', key });
    return text(page);
  },

  // Refuses in the legacy era until the page has been visited, which it takes for granted at the second call.
  authorize: async ({ key }, { ask, era }) => {
    const question = pageToVisit(era, key);
    if (era === 'modern') {
      const { page } = await ask({ page: question });
      if (page.action !== 'accept') return { ...text('not authorized'), isError: true };
    } else if (!authorized.has(key)) {
      authorized.add(key);
      throw failure(-32042, 'Log in first', { elicitations: [question.params] });
    }
    record({ event: 'effect', key });
    return text('authorized');
  },

  sample: async ({ key }, { ask, capabilities }) => {
    if (capabilities?.sampling?.tools === undefined) return { ...text('the client has no model'), isError: true };
    const { first } = await ask({ first: firstSample });
    const { second } = await ask({ second: secondSample(first) });
    record({ event: 'effect', key });
    return text({ first, second });
  },

  list_roots: async (_args, { ask }) => text((await ask({ roots: rootsQuestion })).roots),

  come_again: async ({ key }, { comeAgain }) => {
    await comeAgain();
    record({ event: 'effect', key });
    return text('welcome back');
  },

  touch: async ({ uri }) => {
    await announceUpdate(uri);
    return text(`touched ${uri}`);
  },

  grow: async ({ kind, name }) => {
    grow(kind, name);
    await announce(`notifications/${kind}s/list_changed`);
    return text(`grew ${name}`);
  },
};

async function reportSteps(count, { meta, notify }) {
  const progressToken = meta?.progressToken;
  if (progressToken === undefined) return;
  for (let step = 1; step <= count; step += 1) {
    const message = `step ${step} of ${count}`;
    const steps = { progress: step + 0.5, total: count + 0.5, message, vendorStep: { number: step } };
    await notify('notifications/progress', { progressToken, ...steps });
  }
}
