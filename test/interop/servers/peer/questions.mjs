// What the servers ask of a client, and how a tool gets its answers: `exchange.ask({ key: { method, params } })` resolves with
// { key: answer }. In the legacy era it sends requests; in the modern one the call ends with `input_required`, and the retry
// comes to the same `ask` with the answers.

/** Thrown by `ask` in the modern era; the result that the call ends with. */
export class InputRequired extends Error {
  constructor(result) {
    super('input required');
    this.result = { resultType: 'input_required', ...result };
  }
}

// Opaque to everybody else; what is not ASCII, or looks like markup, has to survive too.
const mark = 'ünïcode ✓ "quoted" </state>';

/** `ask` of the modern era. The answers of earlier rounds travel in the request's state. */
export function askByRounds({ inputResponses = {}, requestState }) {
  const state = requestState === undefined ? { mark, answers: {} } : JSON.parse(requestState);
  if (state.mark !== mark) throw new Error(`the request's state came back as ${requestState}`);
  const answers = { ...state.answers, ...inputResponses };
  const next = (inputRequests) =>
    new InputRequired({ ...inputRequests, requestState: JSON.stringify({ mark, answers }) });
  return {
    ask: async (questions) => {
      const open = Object.entries(questions).filter(([key]) => answers[key] === undefined);
      if (open.length > 0) throw next({ inputRequests: Object.fromEntries(open) });
      return answers;
    },
    /** Has the client come again, without a question. */
    comeAgain: async () => {
      if (requestState === undefined) throw next({});
    },
  };
}

/** `ask` of the legacy era; all questions at once. */
export function askByRequests(send) {
  return {
    ask: async (questions) => {
      const asked = Object.entries(questions).map(async ([key, question]) => [key, await send(question)]);
      return Object.fromEntries(await Promise.all(asked));
    },
    comeAgain: async () => {},
  };
}

export const nameForm = (key) => ({
  method: 'elicitation/create',
  params: {
    mode: 'form',
    message: `Who is ${key}?`,
    requestedSchema: {
      type: 'object',
      properties: {
        name: { type: 'string', title: 'Name', description: 'As on the door', minLength: 1 },
        age: { type: 'integer', minimum: 0 },
        size: { type: 'string', enum: ['s', 'm', 'l'], default: 'm' },
        agrees: { type: 'boolean', default: false },
      },
      required: ['name'],
    },
  },
});

export const colourForm = {
  method: 'elicitation/create',
  params: {
    mode: 'form',
    message: 'Which colour?',
    requestedSchema: { type: 'object', properties: { colour: { type: 'string' } }, required: ['colour'] },
  },
};

/** The legacy era names an elicitation by URL, to say later that it is complete; the modern one does not. */
export const pageToVisit = (era, key) => ({
  method: 'elicitation/create',
  params: {
    mode: 'url',
    message: 'Please log in',
    url: `https://example.com/login?for=${key}&next=%2Fa%20b`,
    ...(era === 'legacy' && { elicitationId: `login-${key}` }),
  },
});

export const rootsQuestion = { method: 'roots/list' };

const lookup = {
  name: 'lookup',
  description: 'Looks a word up',
  inputSchema: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] },
};
const firstMessage = { role: 'user', content: { type: 'text', text: 'What is a marshal?' } };

export const firstSample = {
  method: 'sampling/createMessage',
  params: {
    messages: [firstMessage],
    systemPrompt: 'Answer in one word.',
    modelPreferences: { hints: [{ name: 'small' }], costPriority: 0.75 },
    temperature: 0.5,
    maxTokens: 100,
    stopSequences: ['\n\n'],
    metadata: { project: { id: 1 } },
    tools: [lookup],
    toolChoice: { mode: 'auto' },
  },
};

/** After the client's model has used the tool. */
export const secondSample = (reply) => ({
  method: 'sampling/createMessage',
  params: {
    ...firstSample.params,
    messages: [
      firstMessage,
      { role: 'assistant', content: reply.content },
      {
        role: 'user',
        content: [
          { type: 'tool_result', toolUseId: reply.content[0].id, content: [{ type: 'text', text: 'an officer' }] },
        ],
      },
    ],
  },
});
