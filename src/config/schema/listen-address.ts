import { z } from 'zod';
import { showValue } from '../source/show-value.ts';

/** Where something listens. */
export interface ListenAddress {
  host: string;
  /** 0: any free one. */
  port: number;
}

const defaultHost = '127.0.0.1';

/** `[HOST:]PORT`, an IPv6 host in brackets; on this machine alone unless a host is named. Undefined where it is none. */
export function parseListenAddress(written: string): ListenAddress | undefined {
  const [, inBrackets, plain, digits] = /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(written) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  return { host: (inBrackets ?? plain ?? '').toLowerCase() || defaultHost, port };
}

/** An address to listen on, as written: a port, or a host and a port. */
export function listenAddress(): z.ZodType<ListenAddress, string | number> {
  return z
    .union([z.string(), z.number()], { error: ({ input }) => explain(input) })
    .transform((written, context): ListenAddress => {
      const address = parseListenAddress(String(written));
      if (address !== undefined) return address;
      context.addIssue({ code: 'custom', message: explain(written) });
      return z.NEVER;
    });
}

function explain(input: unknown): string {
  return `${showValue(input)} is no address to listen on; write a port, such as 9464, or 127.0.0.1:9464`;
}
