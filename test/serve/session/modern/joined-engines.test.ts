import { describe, expect, test } from 'vitest';
import type { Client } from '../../../../src/core/protocol/client.ts';
import type { Engine } from '../../../../src/serve/engine.ts';
import { createJoinedEngines } from '../../../../src/serve/session/modern/joined-engines.ts';
import { stubEngine } from '../../stub-engine.ts';

const client = (id: string): Client => ({ id, era: 'modern', capabilities: {} });

function open(isBusy = () => false) {
  const { engine: stub, clock } = stubEngine();
  const engine = { ...stub, batches: { ...stub.batches, isBusy } };
  const [closed, left]: [string[], string[]] = [[], []];
  let joins = 0;
  const engines = createJoinedEngines(
    {
      ...engine,
      join({ id }): Engine {
        joins++;
        return { ...engine, close: () => void closed.push(id) };
      },
    },
    { onJoin: () => () => void left.push('left') },
  );
  return { engines, clock, closed, left, joins: () => joins };
}

describe('the engine of a client without a session', () => {
  test('serves all requests of one principal with the same capabilities, and no others', () => {
    const { engines, joins } = open();
    const [one, again] = [engines.take(client('a'), '{}'), engines.take(client('a'), '{}')];
    expect(again.engine).toBe(one.engine);
    engines.take(client('b'), '{}');
    engines.take(client('a'), '{"roots":{}}');
    expect(joins()).toBe(3);
  });

  test('is given up a minute after its last request, and not while one is open', async () => {
    const { engines, clock, closed, left } = open();
    const [long, short] = [engines.take(client('a'), '{}'), engines.take(client('a'), '{}')];
    short.giveBack();
    await clock.pass(120_000);
    expect(closed).toEqual([]);
    long.giveBack();
    await clock.pass(59_000);
    engines.take(client('a'), '{}').giveBack();
    await clock.pass(59_000);
    expect(closed).toEqual([]);
    await clock.pass(2000);
    expect([closed, left]).toEqual([['a'], ['left']]);
  });

  test('is not given up while a batch of its client goes on in the background', async () => {
    let isBusy = true;
    const { engines, clock, closed } = open(() => isBusy);
    engines.take(client('a'), '{}').giveBack();
    for (let n = 0; n < 150; n++) engines.take(client(`idle-${n}`), '{}').giveBack();
    await clock.pass(300_000);
    expect(closed).toEqual([]);
    isBusy = false;
    await clock.pass(60_000);
    expect(closed).toHaveLength(151);
  });

  test('does not outlive a hundred idle others', () => {
    const { engines, closed } = open();
    const busy = engines.take(client('busy'), '{}');
    for (let n = 0; n < 150; n++) engines.take(client(`idle-${n}`), '{}').giveBack();
    expect(closed).toHaveLength(51);
    expect(closed[0]).toBe('idle-0');
    expect(engines.take(client('busy'), '{}').engine).toBe(busy.engine);
  });

  test('is closed with the rest at the end', () => {
    const { engines, closed } = open();
    engines.take(client('a'), '{}');
    engines.take(client('b'), '{}').giveBack();
    engines.close();
    expect(closed).toEqual(['a', 'b']);
  });
});
