import { beforeAll, expect, test } from 'vitest';
import type { InteropClient } from './clients/interop-client.ts';
import type { Feature, Pair } from './feature.ts';
import { createExpectations } from './feature.ts';

/** A connected client, and where the upstream behind it writes down what arrives. */
export interface Connected {
  client: InteropClient;
  recordFile: string;
}

/** Defines a test for each row that the protocol has for a pair: all over one client, which its owner closes. */
export function testFeatures(pair: Pair, features: readonly Feature[], connect: () => Promise<Connected>): void {
  let connecting: Promise<Connected>;

  // A failure is left to the rows, each of which says whose client it is.
  beforeAll(() => (connecting = connect()).then(undefined, () => undefined));

  for (const { promise, run } of features.filter(({ excludes }) => excludes?.(pair) === undefined)) {
    test(`${titleOf(pair)} ${promise}`, async () => {
      const { client, recordFile } = await connecting;
      expect.hasAssertions();
      await run(client, createExpectations(pair, recordFile));
    });
  }
}

/** Names client, transports and upstream, so that a failing row says which pair it is. */
function titleOf({ client, clientTransport, upstream, isProxied }: Pair): string {
  const { sdk, era, transport } = upstream;
  return isProxied
    ? `a ${client} client over ${clientTransport} of a ${sdk} ${era} upstream over ${transport}`
    : `a ${client} client of a ${sdk} server over ${transport}`;
}
