// Calls and batches over any session.

/** Tools as a session's client calls them. */
export function createCaller(session) {
  const caller = {
    session,
    /** One passthrough call: { text, error, isError, tookMs }. */
    async call(name, args = {}, options = {}) {
      const answer = await session.request('tools/call', { name, arguments: args }, options);
      const first = answer.result?.content?.[0]?.text;
      return { ...answer, text: first, isError: answer.error !== undefined || answer.result?.isError === true };
    },
    /** One batch under the structured form: { results, status, … , tookMs }. */
    async batch(calls, { tool = 'batch_call', options = {}, ...rest } = {}) {
      const answer = await session.request(
        'tools/call',
        { name: tool, arguments: { calls, format: 'structured', ...rest } },
        options,
      );
      return toReply(answer);
    },
    async await(batchId, rest = {}) {
      const answer = await session.request('tools/call', { name: 'batch_await', arguments: { batchId, ...rest } });
      return toReply(answer);
    },
    listTools: async () => {
      const answer = await session.request('tools/list');
      return { ...answer, names: (answer.result?.tools ?? []).map(({ name }) => name) };
    },
  };
  return caller;
}

function toReply({ result, error, tookMs, sentMs, endedMs, isOver }) {
  const structured = result?.structuredContent ?? {};
  // All that a reader could find in it.
  const text = `${(result?.content ?? []).map((block) => block.text).join('\n')}\n${JSON.stringify(structured)}`;
  return {
    results: [],
    warnings: [],
    ...structured,
    text,
    rpcError: error,
    isError: result?.isError === true,
    tookMs,
    sentMs,
    endedMs,
    isOver,
  };
}

/** The first text of one result of a batch. */
export const textOf = (row) => row?.result?.content?.[0]?.text;

/** A result of a batch in short: status, code, effect. */
export const shape = (row) => [row?.status, row?.error?.code ?? '', row?.applied].join('/');
