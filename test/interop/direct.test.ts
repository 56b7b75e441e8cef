import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { directFeatures } from './all-features.ts';
import { connectClient } from './clients.ts';
import type { ClientKind, Era, InteropClient } from './clients/interop-client.ts';
import { clientKinds } from './clients/interop-client.ts';
import type { Pair } from './feature.ts';
import { testFeatures } from './test-features.ts';
import type { Program, RunningUpstream } from './upstreams.ts';
import { startUpstream } from './upstreams.ts';

// Without the proxy: what the rows of the matrix ask of it is what real clients and real servers do among themselves.

const programs: readonly Program[] = [
  { sdk: 'version 1', transport: 'stdio' },
  { sdk: 'version 1', transport: 'http' },
  { sdk: 'version 1', transport: 'sse' },
  { sdk: 'version 2', transport: 'stdio' },
  { sdk: 'version 2', transport: 'http' },
];

/** As the SDK says it: to a server that answers, and to one that does not know what to do with the question. */
const noCommonEra = /negotiation failed/i;

describe.each(programs)('$sdk over $transport', (program) => {
  let upstream: RunningUpstream;

  beforeAll(async () => {
    upstream = await startUpstream(program);
  });

  afterAll(() => upstream?.close());

  describe.each(clientKinds.filter((client) => hasCommonEra(client, program)))('%s', (client) => {
    let connected: InteropClient | undefined;

    afterAll(() => connected?.close());

    testFeatures(toPair(client, program), directFeatures, async () => {
      connected = await connectClient(client, upstream.target);
      return { client: connected, recordFile: upstream.recordFile };
    });
  });
});

describe('a client of one era alone does not reach a server of the other, which only the proxy can change', () => {
  const apart = programs.flatMap((program) =>
    clientKinds.filter((client) => !hasCommonEra(client, program)).map((client) => ({ client, program })),
  );

  test('all such pairs', () => {
    expect(apart.map(({ client, program }) => `${client}, ${program.sdk} over ${program.transport}`)).toEqual([
      'version 2 modern, version 1 over stdio',
      'version 2 modern, version 1 over http',
      'version 2 modern, version 1 over sse',
    ]);
  });

  test.each(apart)('$client, $program.sdk over $program.transport', async ({ client, program }) => {
    const { target, close } = await startUpstream(program);
    try {
      await expect(connectClient(client, target)).rejects.toThrow(noCommonEra);
    } finally {
      await close();
    }
  });
});

test('rows that a pair has not, and why', () => {
  const reasons = directFeatures.flatMap(({ promise, excludes }) => {
    const pairs = programs.flatMap((program) =>
      clientKinds.filter((client) => hasCommonEra(client, program)).map((client) => toPair(client, program)),
    );
    const found = new Set(pairs.map((pair) => excludes?.(pair)).filter((reason) => reason !== undefined));
    return [...found].map((reason) => `${promise}: ${reason}`);
  });
  expect(reasons).toMatchInlineSnapshot(`
    [
      "can ask whether anybody is there: the modern era has no ping",
      "has an argument repeated in a header, where the tool wants that: only modern servers over HTTP read headers",
      "is told how long a resource may be kept, and by whom: the legacy era does not say how long",
      "lets the server know that its roots have changed: the modern era asks for roots when it needs them",
      "hears no log message of a call for which it has named no level: in the legacy era the server decides as long as no level is set",
      "hears a log message that belongs to no call: in the modern era every log message belongs to a request",
      "is told when the page has served its purpose: the modern era does not say when a page is done with",
      "that is sent away to log in learns where, and can call again: only legacy servers send away, and only legacy clients learn of it",
      "opens the page that a call needs, and the call succeeds: a legacy client gets the error of a legacy server, and calls again",
    ]
  `);
});

/** The modern client speaks nothing older than 2026-07-28, and version 1 nothing newer than 2025-11-25. */
function hasCommonEra(client: ClientKind, { sdk }: Program): boolean {
  return eraOf(client) === 'legacy' || sdk === 'version 2';
}

function eraOf(client: ClientKind): Era {
  return client === 'version 2 modern' ? 'modern' : 'legacy';
}

function toPair(client: ClientKind, { sdk, transport }: Program): Pair {
  const era = eraOf(client);
  return { client, clientEra: era, clientTransport: transport, upstream: { sdk, era, transport }, isProxied: false };
}
