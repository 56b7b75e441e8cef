import type { Era } from '../../../core/protocol/client.ts';
import { refusal, rpcCode, type Reply } from '../../../core/protocol/rpc.ts';

/** What is said of a resource where no server has any: as a server of the client's era would. */
export function noSuchResource(uri: string, era: Era): Reply & { ok: false } {
  const code = era === 'legacy' ? rpcCode.resourceNotFound : rpcCode.invalidParams;
  return refusal(code, `Resource not found: ${uri}`, { uri });
}
