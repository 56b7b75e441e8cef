import type { RequestContext } from '../../core/protocol/client.ts';
import type { ClientRequest } from '../client-request.ts';

/** What a client's request brings with it to the server that gets it: cancelling, progress under the client's token, log messages, questions. */
export function toContext(request: ClientRequest): RequestContext {
  const { progressToken, signal, logLevel } = request;
  return {
    signal,
    logLevel,
    ask: (question, withdrawn) => request.ask(question, withdrawn),
    onNotice: (notice) => request.notify(notice),
    onProgress:
      progressToken === undefined
        ? undefined
        : (params) => request.notify({ method: 'notifications/progress', params: { ...params, progressToken } }),
  };
}
