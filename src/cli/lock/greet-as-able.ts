import type { JsonObject } from '../../core/json.ts';
import type { CliProxy } from '../context.ts';

/**
 * Starts the servers as for a client that can do everything: many list more tools to such a one, and what is never seen could never be
 * accepted. Nothing is called meanwhile, so nobody is asked anything; a server that asks for roots by itself hears that there are none.
 */
export function greetAsAble(proxy: Pick<CliProxy, 'start'>): void {
  proxy.start({ capabilities: everything });
}

const everything: JsonObject = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
