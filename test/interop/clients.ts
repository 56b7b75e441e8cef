import type { JsonObject } from '../../src/core/json.ts';
import { connectV1 } from './clients/connect-v1.ts';
import { connectV2 } from './clients/connect-v2.ts';
import type { ClientKind, InteropClient, SendOptions, Target } from './clients/interop-client.ts';
import type { AnswerQuestion, SdkClient, SdkOptions } from './clients/sdk-client.ts';
import type { Followed } from './clients/tap.ts';

/** Connects a real SDK client, which answers what it is asked. */
export async function connectClient(kind: ClientKind, target: Target): Promise<InteropClient> {
  let answer: Parameters<InteropClient['answerWith']>[0] = ({ method }) => {
    throw new Error(`nobody answers ${method}`);
  };
  const answerQuestion: AnswerQuestion = async (question) => answer(question);
  const sdk =
    kind === 'version 1'
      ? await connectV1(target, answerQuestion)
      : await connectV2(target, { era: kind === 'version 2 modern' ? 'modern' : 'legacy', answerQuestion });
  const { era, tap } = sdk;
  let level: string | undefined;

  const follow = (
    by: SdkClient['request'],
    [method, params, { signal, meta, onProgress }]: [string, JsonObject, SendOptions],
  ): Promise<Followed> => {
    const wholeMeta = { ...(era === 'modern' && level !== undefined && { [levelKey]: level }), ...meta };
    const hasMeta = Object.keys(wholeMeta).length > 0;
    const options: SdkOptions = {
      timeout: timeoutMs,
      ...(signal && { signal }),
      ...(onProgress && { onprogress() {} }),
    };
    return tap.follow(() => by(method, { ...params, ...(hasMeta && { _meta: wholeMeta }) }, options), onProgress);
  };
  const request: InteropClient['request'] = async (method, params = {}, options = {}) => {
    const { answer, rejection } = await follow(sdk.request, [method, params, options]);
    if (rejection !== undefined) throw rejection;
    if (answer === undefined || 'error' in answer) throw new Error(`${method} was not answered with a result`);
    return answer.result;
  };
  return {
    era,
    serverName: sdk.serverName,
    instructions: sdk.instructions,
    capabilities: sdk.capabilities,
    request,
    async send(method, params = {}, options = {}) {
      const { answer, rejection } = await follow(sdk.send, [method, params, options]);
      if (answer === undefined) throw rejection ?? new Error(`${method} was not answered`);
      return answer;
    },
    callTool: (name, args = {}, options = {}) => request('tools/call', { name, arguments: args }, options),
    notify: sdk.notify,
    async setLevel(wanted) {
      level = wanted;
      if (era === 'legacy' && wanted !== undefined) await request('logging/setLevel', { level: wanted });
    },
    async watch(uris) {
      if (era === 'modern') return sdk.listen({ resourceSubscriptions: [...uris] });
      for (const uri of uris) await request('resources/subscribe', { uri });
      return async () => {
        for (const uri of uris) await request('resources/unsubscribe', { uri });
      };
    },
    watchLists: async () =>
      era === 'modern'
        ? sdk.listen({ toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true })
        : async () => {},
    heard: tap.heard,
    asked: tap.asked,
    answerWith: (next) => void (answer = next),
    close: sdk.close,
  };
}

const levelKey = 'io.modelcontextprotocol/logLevel';
// Less than a test may take, so that the SDK says which request was not answered.
const timeoutMs = 8_000;
