import type { Transport } from '@modelcontextprotocol/client';
import type { ServerConfig } from '../../config/config.ts';
import type { OversizedLine } from '../../lib/line-splitter.ts';
import type { Logger } from '../../lib/logger.ts';
import { defaultLimits, showBytes } from '../../core/limits.ts';
import type { Credentials } from '../auth/credentials.ts';
import { createChildTransport } from './child-transport.ts';
import { oversizedReason } from './http/bounded-fetch.ts';
import { createHttpTransport } from './http/http-transport.ts';
import { createRedactor, quotableSecretsOf, secretsOf } from './redact.ts';
import { lastWords } from '../peer/failure/last-words.ts';
import { explainSendFailure } from '../peer/failure/send-failure.ts';

/** A transport of any kind, with what tells why it ended. */
export interface OpenTransport {
  transport: Transport;
  /** The failure in words, with what a dying process said last. */
  explain: (error: unknown) => string;
  /** Blanks out what is secret of the server, where it is quoted in an error. */
  redact: (text: string) => string;
  /** Ends the session at the server, where it holds one beside the connection. Never rejects. */
  endSession: () => Promise<void>;
}

export interface OpenTransportOptions {
  server: ServerConfig;
  logger: Logger;
  /** How long a child process may leave its input unread. */
  stallMs: number;
  /** An answer over the size limit was dropped; `id` is that of its request. */
  onOversizedAnswer: (id: string, reason: string) => void;
  /** Of a server behind a URL; it goes by them, and knows what is secret of them. */
  credentials?: Credentials | undefined;
}

/** Makes the transport that the configuration names. Nothing is started yet. */
export function openTransport(options: OpenTransportOptions): OpenTransport {
  const { server, logger, stallMs, onOversizedAnswer, credentials } = options;
  const { transport: target, limits = defaultLimits } = server;
  const { messageBytes, responseBytes } = limits;
  const redactor = createRedactor(secretsOf(target, server.secrets));
  const quoted = createRedactor(quotableSecretsOf(target, server.secrets));
  if (target.type !== 'stdio') {
    let isOversized = false;
    // As they are by then: tokens are learnt and change.
    const redactLearnt = (text: string): string => createRedactor(credentials?.secrets() ?? []).redact(text);
    const { transport, endSession } = createHttpTransport({
      ...target,
      credentials,
      maxBytes: responseBytes,
      onOversizedAnswer(request) {
        logger.warn({}, `sent an answer over ${showBytes(responseBytes)}; dropped`);
        const id = request === undefined ? undefined : sentId(request);
        if (id !== undefined) return onOversizedAnswer(id, oversizedReason(responseBytes));
        // In a stream for everything it cannot be passed over, and taken up again it would come again.
        isOversized = true;
        void transport.close();
      },
    });
    const explain = (error: unknown): string => {
      if (isOversized) return oversizedReason(responseBytes);
      const show = (text: string): string => redactLearnt(redactor.redact(text));
      return show(explainSendFailure(error, show).reason);
    };
    return { transport, explain, redact: (text) => redactLearnt(quoted.redact(text)), endSession };
  }
  const oversized = `its answer is over the limit of ${showBytes(messageBytes)} (limits.messageBytes)`;
  const refuse = (line: Pick<OversizedLine, 'head' | 'tail'>, reason = oversized): void => {
    const id = answeredId(line);
    if (id !== undefined) onOversizedAnswer(id, reason);
  };
  const transport = createChildTransport({
    ...target,
    stallMs,
    limits,
    redactor,
    onStderrLine: (line) => logger.debug({ stderr: line }, 'stderr'),
    onNoise: (lines, sample) => logger.warn({ lines, sample }, 'prints on stdout what is not protocol; passed over'),
    onOversizing: (head) => refuse({ head, tail: '' }),
    onTooDeep(line, maxLevels) {
      logger.warn({}, `sent a message nested deeper than ${maxLevels} levels; dropped`);
      refuse(
        { head: line.slice(0, 2000), tail: line.slice(-200) },
        `its answer is nested deeper than ${maxLevels} levels`,
      );
    },
    onOversizedLine(line) {
      logger.warn({ bytes: line.bytes }, `sent a message over ${showBytes(messageBytes)}; dropped`);
      refuse(line);
    },
  });
  return {
    transport,
    redact: quoted.redact,
    endSession: () => Promise.resolve(),
    explain(error) {
      const ending = transport.ending();
      if (ending === undefined) return redactor.redact(explainSendFailure(error, redactor.redact).reason);
      const words = lastWords(transport.stderrLines());
      return words === '' ? `it ${ending}` : `it ${ending}; its last words on stderr: ${words}`;
    },
  };
}

/** The id of a request that we sent. It stands where our own messages have it. */
function sentId(request: string): string | undefined {
  return /^\{"jsonrpc":"2\.0","id":"([^"\\]+)",/.exec(request)?.[1];
}

/** Which request a dropped answer belongs to: the id stands first or last in the line, before or after the long result. */
function answeredId({ head, tail }: Pick<OversizedLine, 'head' | 'tail'>): string | undefined {
  const match =
    /^\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*"([^"\\]+)"\s*,/.exec(head) ??
    /,\s*"id"\s*:\s*"([^"\\]+)"\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/.exec(tail);
  return match?.[1];
}
