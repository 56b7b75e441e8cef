import { validateHostHeader, validateOriginHeader } from '@modelcontextprotocol/server';
import { refusedCode, type HttpProblem } from '../http-problem.ts';

/** The headers that say where a request comes from, each as often as it was sent. */
export interface Source {
  hosts: readonly string[];
  origins: readonly string[];
  /**
   * The address of ours that the connection was made to, where we listen at all of them. A page that was talked into taking our
   * address for its own has a name for it, and says that name; only who has asked for the address says the address.
   */
  ownAddress?: string | undefined;
}

/** Names of this machine that a browser cannot be talked into taking for another's. */
export const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Header values that passed before, so that the next request with the same is not parsed again: clients have one, or few. */
const maxKnown = 100;

/**
 * Refuses what a web page could have sent through a name that it made point here (MCP, Streamable HTTP, security warning): a `Host`
 * that is none of `hostNames`, which carry no port, and an `Origin` that is neither of this machine nor one of `pages`. Programs send
 * no `Origin`.
 */
export function createSourceCheck(
  hostNames: readonly string[],
  pages: ReadonlySet<string> = new Set(),
): (source: Source) => HttpProblem | undefined {
  const knownHosts = new Set<string>();
  return ({ hosts, origins, ownAddress }) => {
    const [host] = hosts;
    if (hosts.length > 1) return forbidden('the request has more than one Host header; send one');
    if (host === undefined || !knownHosts.has(host)) {
      const isOwn = ownAddress !== undefined && validateHostHeader(host, [ownAddress]).ok;
      const judged = validateHostHeader(host, [...hostNames]);
      if (!judged.ok && !isOwn) {
        const names = `the names of this machine are ${hostNames.join(', ')}`;
        return forbidden(judged.message, `${names}; another one is written as auth.url`);
      }
      // Each connection has its own address.
      if (judged.ok && host !== undefined && knownHosts.size < maxKnown) knownHosts.add(host);
    }
    if (origins.length === 0) return undefined;
    if (origins.length > 1) return forbidden('the request has more than one Origin header; send one');
    if (pages.has(origins[0] ?? '')) return undefined;
    const judged = validateOriginHeader(origins[0], [...loopbackNames]);
    return judged.ok
      ? undefined
      : forbidden(judged.message, `only pages of ${loopbackNames.join(', ')} and of auth.origins may call`);
  };
}

/** Reads the headers as they came: Node keeps the first of several `Host` headers and joins several `Origin` headers to one. */
export function readSource(rawHeaders: readonly string[]): Source {
  const hosts: string[] = [];
  const origins: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts.push(rawHeaders[i + 1]!);
    else if (name.length === 6 && name.toLowerCase() === 'origin') origins.push(rawHeaders[i + 1]!);
  }
  return { hosts, origins };
}

/** Header values are as long as a request line may be; of a refusal the beginning is enough. */
const maxChars = 200;

function forbidden(reason: string, mend?: string): HttpProblem {
  const message = `Forbidden: ${reason.slice(0, maxChars)}${mend === undefined ? '' : `; ${mend}`}`;
  return { status: 403, code: refusedCode, message };
}
