import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Transport } from '../../../src/config/config.ts';
import { isJsonObject } from '../../../src/core/json.ts';
import type { Ask } from '../../../src/core/protocol/client.ts';
import type { HttpFixture } from '../support.ts';
import { client, fixture, recordingLogger, startHttpFixture, temporaryDirectory, until } from '../support.ts';
import type { Seen } from './open-fleet.ts';
import { answersAs, ask, askable, askableClient, openFleet } from './open-fleet.ts';

const talkative = fixture('talkative.mjs');
const question = { method: 'elicitation/create', params: { message: 'sure?' } };

let http: HttpFixture;
beforeAll(async () => {
  http = await startHttpFixture();
});
afterAll(() => http.close());

const remote = (type: 'http' | 'sse', path: string): Transport => ({
  type,
  url: http.url(path),
  headers: { 'x-key': 'secret' },
});
/** The field `from` of an object inside an answer: whose answer it was. */
const from = (inside: unknown): unknown => (isJsonObject(inside) ? inside['from'] : undefined);

/** A directory in which two runs keep what they know. */
function openStateDir(): string {
  const directory = temporaryDirectory();
  onTestFinished(directory.remove);
  return directory.path;
}

function keptAsks(stateDir: string): boolean {
  const folder = join(stateDir, 'catalog');
  return (
    existsSync(folder) &&
    readdirSync(folder).some((file) => /"asks":true/.test(readFileSync(join(folder, file), 'utf8')))
  );
}

describe('a question in the middle of a call', () => {
  test('twenty calls of twenty clients over one HTTP connection: each client is asked its own question', async () => {
    const fleet = openFleet({ web: remote('http', '/v1') }, { capabilities: askable });
    await fleet.settled(5000);
    const calls = Array.from({ length: 20 }, (_, n) =>
      ask(fleet.join(askableClient(`client ${n}`)), ['web', 'elicit'], {
        args: { marker: `question ${n}` },
        ask: ({ params }) =>
          Promise.resolve({
            ok: true,
            result: { action: 'accept', content: { from: n, asked: params['message'] ?? null } },
          }),
      }),
    );
    const answers = await Promise.all(calls);
    expect(answers.map(({ content }) => content)).toEqual(answers.map((_, n) => ({ from: n, asked: `question ${n}` })));
  });

  test.each([
    ['stdio, version 1', () => fixture('v1-stdio.mjs')],
    ['SSE', () => remote('sse', '/sse')],
  ])('over %s it reaches the client that called', async (_, transport) => {
    const fleet = openFleet({ one: transport() }, { capabilities: askable });
    const answer = await ask(fleet.join(askableClient('a')), ['one', 'elicit'], {
      args: { marker: 'm' },
      ask: () => Promise.resolve({ ok: true, result: { action: 'accept', content: { from: 'a' } } }),
    });
    expect(from(answer['content'])).toBe('a');
  });

  test('any method, unknown fields and errors with data pass both ways', async () => {
    const fleet = openFleet({ talk: talkative }, { capabilities: askable });
    const link = fleet.join(askableClient('a'));
    const args = { method: 'vendor/question', params: { x: [1, { deep: null }] } };
    expect(await ask(link, ['talk', 'ask'], { args, ask: answersAs('a') })).toEqual({
      result: { from: 'a', method: 'vendor/question', params: args.params },
    });
    const error = { code: -32050, message: 'no', data: { deep: [1] } };
    expect(await ask(link, ['talk', 'ask'], { args, ask: () => Promise.resolve({ ok: false, error }) })).toEqual({
      error,
    });
  });

  test('what the client has not offered is not asked of it', async () => {
    const capabilities = { elicitation: {} };
    const fleet = openFleet({ talk: talkative }, { capabilities });
    const link = fleet.join(client('a', { capabilities, ask: answersAs('a') }));
    expect(
      await ask(link, ['talk', 'ask'], { args: { method: 'sampling/createMessage' }, ask: answersAs('a') }),
    ).toEqual({
      error: { code: -32601, message: 'the client does not offer sampling/createMessage' },
    });
  });
});

describe('a server that asks', () => {
  test('has a connection for each client from its first question on; the first asked keeps the one that was there', async () => {
    const fleet = openFleet({ talk: talkative }, { capabilities: askable });
    const [a, b] = [fleet.join(askableClient('a')), fleet.join(askableClient('b'))];
    const before = [await ask<Seen>(a, ['talk', 'seen']), await ask<Seen>(b, ['talk', 'seen'])];
    expect(before[0]!.pid).toBe(before[1]!.pid);
    await ask(b, ['talk', 'ask'], { args: question, ask: answersAs('b') });
    const after = [await ask<Seen>(a, ['talk', 'seen']), await ask<Seen>(b, ['talk', 'seen'])];
    expect(after[1]!.pid).toBe(before[0]!.pid);
    expect(after[0]!.pid).not.toBe(before[0]!.pid);
  });

  test('asks two clients at once, each the right one, and their answers never cross', async () => {
    const fleet = openFleet({ talk: talkative }, { capabilities: askable });
    const names = ['a', 'b'];
    const links = names.map((name) => fleet.join(askableClient(name)));
    await ask(links[0]!, ['talk', 'ask'], { args: question, ask: answersAs('a') });
    const rounds = Array.from({ length: 20 }, (_, n) =>
      Promise.all(
        links.map((link, index) =>
          ask(link, ['talk', 'ask'], {
            args: { method: 'elicitation/create', params: { n } },
            ask: answersAs(names[index]!),
          }),
        ),
      ),
    );
    for (const answers of await Promise.all(rounds)) {
      expect(answers.map(({ result }) => from(result))).toEqual(names);
    }
  });

  test('is refused where the question may be for two clients, is told why once, and asks each on its own afterwards', async () => {
    const { logger, lines } = recordingLogger();
    const fleet = openFleet({ talk: talkative }, { capabilities: askable, logger });
    const [a, b] = [fleet.join(askableClient('a')), fleet.join(askableClient('b'))];
    await ask(a, ['talk', 'seen']);
    const waiting = ask(b, ['talk', 'wait'], { args: { ms: 300 } }).catch(() => 'waited');
    const refused = { error: { code: -32603, message: expect.stringContaining('cannot tell which client') } };
    const inQuestion = [1, 2].map(() => ask(a, ['talk', 'ask'], { args: question, ask: answersAs('a') }));
    expect(await Promise.all(inQuestion)).toEqual([refused, refused]);
    await waiting;
    expect(lines().filter(({ msg }) => String(msg).includes('cannot tell which client'))).toHaveLength(1);
    for (const [name, link] of [
      ['a', a],
      ['b', b],
    ] as const) {
      const args = { args: question, ask: answersAs(name) };
      expect(await ask(link, ['talk', 'ask'], args)).toMatchObject({ result: { from: name } });
    }
  });

  test('asks at its opening, with no request open: the only client there answers', async () => {
    const fleet = openFleet({ talk: fixture('talkative.mjs', ['--roots-at-start']) }, { capabilities: askable });
    const link = fleet.join(askableClient('a'));
    await expect.poll(() => ask<Seen>(link, ['talk', 'seen'])).toMatchObject({ roots: { result: { from: 'a' } } });
  });

  test('is remembered: in the next run each client has its own connection from the start, and answers for itself', async () => {
    const servers = { talk: fixture('talkative.mjs', ['--roots-at-start']) };
    const stateDir = openStateDir();
    const first = openFleet(servers, { capabilities: askable, stateDir });
    const link = first.join(askableClient('first'));
    await expect.poll(() => ask<Seen>(link, ['talk', 'seen'])).toHaveProperty('roots');
    await until(() => keptAsks(stateDir), 10_000);
    await first.close();

    const second = openFleet(servers, { capabilities: askable, stateDir });
    const links = ['a', 'b'].map((name) => second.join(askableClient(name)));
    for (const [index, name] of ['a', 'b'].entries()) {
      await expect
        .poll(() => ask<Seen>(links[index]!, ['talk', 'seen']))
        .toMatchObject({ roots: { result: { from: name } } });
    }
  });

  test('does not see in the next client the one before: the connection of a client that has left is not used again', async () => {
    const fleet = openFleet({ talk: talkative }, { capabilities: askable });
    const a = fleet.join(askableClient('a'));
    await ask(a, ['talk', 'ask'], { args: question, ask: answersAs('a') });
    const { pid } = await ask<Seen>(a, ['talk', 'seen']);
    a.close();
    const seen = await ask<Seen>(fleet.join(askableClient('b')), ['talk', 'seen']);
    expect(seen.pid).not.toBe(pid);
    expect(fleet.base.sources()[0]!.tools.map(({ name }) => name)).toContain('ask');
  });

  test('shares one connection among clients that cannot be asked', async () => {
    const fleet = openFleet({ talk: talkative });
    await ask(fleet.join(askableClient('asked')), ['talk', 'ask'], { args: question, ask: answersAs('asked') });
    const links = ['a', 'b'].map((name) => fleet.join(client(name)));
    const [a, b] = [await ask<Seen>(links[0]!, ['talk', 'seen']), await ask<Seen>(links[1]!, ['talk', 'seen'])];
    expect(a.pid).toBe(b.pid);
  });
});

describe('clients that come under one name', () => {
  const shared = askableClient('anyone', { isShared: true, era: 'modern' });

  test('have a connection for each request that overlaps, eight more at most, and are never asked each other’s questions', async () => {
    const fleet = openFleet({ talk: talkative }, { capabilities: askable });
    const link = fleet.join(shared);
    await ask(link, ['talk', 'ask'], { args: question, ask: answersAs('first') });
    const calls = Array.from({ length: 12 }, (_, n) =>
      ask(link, ['talk', 'ask'], {
        args: { method: 'elicitation/create', params: { n } },
        ask: answersAs(`request ${n}`),
      }),
    );
    const answers = await Promise.all(calls);
    expect(answers.map(({ result }) => from(result))).toEqual(answers.map((_, n) => `request ${n}`));
    const pids = await Promise.all(Array.from({ length: 12 }, () => ask<Seen>(link, ['talk', 'seen'])));
    expect(new Set(pids.map(({ pid }) => pid)).size).toBeLessThanOrEqual(9);
  });

  test('do not see each other in what the server remembers: what has asked one request serves no other', async () => {
    const fleet = openFleet({ talk: talkative }, { capabilities: askable });
    const link = fleet.join(shared);
    const pids = new Set<number>();
    for (const name of ['first', 'second', 'third']) {
      pids.add((await ask<Seen>(link, ['talk', 'seen'])).pid);
      await ask(link, ['talk', 'ask'], { args: question, ask: answersAs(name) });
    }
    expect(pids.size).toBe(3);
    const { pid } = await ask<Seen>(link, ['talk', 'seen']);
    expect((await ask<Seen>(link, ['talk', 'seen'])).pid).toBe(pid);
  });

  test('who never answer are not in the way of the others', async () => {
    const fleet = openFleet({ talk: talkative }, { capabilities: askable, timings: { callWaitMs: 5000 } });
    const link = fleet.join(shared);
    await ask(link, ['talk', 'ask'], { args: question, ask: answersAs('first') });
    let asked = 0;
    const never: Ask = () => {
      asked += 1;
      return new Promise(() => {});
    };
    for (let n = 0; n < 9; n += 1)
      void link.call('talk', { tool: 'ask', params: { arguments: question }, ask: (...given) => never(...given) });
    await until(() => asked === 9, 20_000);
    expect((await ask<Seen>(link, ['talk', 'seen'])).pid).toBeGreaterThan(0);
  });

  test('share one until the server asks; a question between two requests is refused, one of a single request is not', async () => {
    const fleet = openFleet({ talk: talkative }, { capabilities: askable });
    const link = fleet.join(shared);
    await ask(link, ['talk', 'seen']);
    const answers = await Promise.all(
      ['a', 'b'].map((name) => ask(link, ['talk', 'ask'], { args: question, ask: answersAs(name) })),
    );
    expect(answers).toMatchObject([{ error: { code: -32603 } }, { error: { code: -32603 } }]);

    const other = openFleet({ talk: talkative }, { capabilities: askable });
    const batch = other.join(shared);
    await ask(batch, ['talk', 'seen']);
    const oneAsk = answersAs('one');
    const ofOne = [1, 2, 3].map(() => ask(batch, ['talk', 'ask'], { args: question, ask: oneAsk }));
    for (const answer of await Promise.all(ofOne)) expect(answer).toMatchObject({ result: { from: 'one' } });
  });
});
