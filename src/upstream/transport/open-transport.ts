import type { Transport } from '@modelcontextprotocol/client';
import type { ServerConfig } from '../../config/config.ts';
import type { OversizedLine } from '../../lib/line-splitter.ts';
import type { Logger } from '../../lib/logger.ts';
import { createChildTransport } from './child-transport.ts';
import { createHttpTransport } from './http-transport.ts';
import { createRedactor } from './redact.ts';
import { explainSendFailure } from '../peer/send-failure.ts';

/** A transport of any kind, with what tells why it ended. */
export interface OpenTransport {
  transport: Transport;
  /** The failure in words, with what a dying process said last. */
  explain: (error: unknown) => string;
}

export interface OpenTransportOptions {
  server: ServerConfig;
  logger: Logger;
  /** An answer over the size limit was dropped; `id` is that of its request. */
  onOversizedAnswer: (id: string, reason: string) => void;
}

/** Makes the transport that the configuration names. Nothing is started yet. */
export function openTransport({ server, logger, onOversizedAnswer }: OpenTransportOptions): OpenTransport {
  const { transport: target } = server;
  if (target.type !== 'stdio') {
    return { transport: createHttpTransport(target), explain: (error) => explainSendFailure(error).reason };
  }
  const redact = createRedactor(target.env);
  const transport = createChildTransport({
    ...target,
    onStderrLine: (line) => logger.debug({ stderr: redact(line) }, 'stderr'),
    onNoise: (lines, sample) =>
      logger.warn({ lines, sample: redact(sample) }, 'prints on stdout what is not protocol; passed over'),
    onOversizedLine(line) {
      logger.warn({ bytes: line.bytes }, 'sent a message over 10 MiB; dropped');
      const id = answeredId(line);
      if (id !== undefined) onOversizedAnswer(id, `its answer has ${line.bytes} bytes, over the limit of 10 MiB`);
    },
  });
  return {
    transport,
    explain(error) {
      const ending = transport.ending();
      if (ending === undefined) return redact(explainSendFailure(error).reason);
      const lastWords = redact(transport.stderrLines().slice(-3).join(' | ')).slice(-600);
      return lastWords === '' ? `it ${ending}` : `it ${ending}; its last words on stderr: ${lastWords}`;
    },
  };
}

/** Which request a dropped answer belongs to: the id stands first or last in the line, before or after the long result. */
function answeredId({ head, tail }: OversizedLine): string | undefined {
  const match =
    /^\{(?:"jsonrpc":"2\.0",)?"id":"([^"\\]+)",/.exec(head) ?? /,"id":"([^"\\]+)"(?:,"jsonrpc":"2\.0")?\}$/.exec(tail);
  return match?.[1];
}
