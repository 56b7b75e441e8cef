import { SdkError, SdkErrorCode } from '@modelcontextprotocol/client';

/**
 * In our words, that a server behind a URL did not answer the first question of all, which asks for its era; nothing for other errors.
 * A child process that does not answer it is taken for legacy, and asked again.
 */
export function describeProbeTimeout(error: unknown, probeTimeoutMs: number): string | undefined {
  const isTimeout = error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
  if (!isTimeout || !/probe timed out/.test(error.message)) return undefined;
  return `no answer within ${probeTimeoutMs / 1000} s; check "url" and that it runs`;
}
