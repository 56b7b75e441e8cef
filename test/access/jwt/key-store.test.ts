import { describe, expect, test } from 'vitest';
import { createKeyStore } from '../../../src/access/jwt/key-store.ts';
import { createVirtualClock } from '../../schedule/virtual-clock.ts';

function open(): {
  find: (name: string) => Promise<string | undefined>;
  clock: ReturnType<typeof createVirtualClock>;
  served: { keys: readonly string[] | undefined; reads: number };
} {
  const clock = createVirtualClock();
  const served: { keys: readonly string[] | undefined; reads: number } = { keys: ['a'], reads: 0 };
  const find = createKeyStore<string, string>({
    clock,
    read() {
      served.reads++;
      const { keys } = served;
      return Promise.resolve(keys && ((name) => Promise.resolve(keys.find((key) => key === name))));
    },
  });
  return { find, clock, served };
}

describe('the keys that are kept', () => {
  test('are read anew after ten minutes, and nobody waits for it', async () => {
    const { find, clock, served } = open();
    expect(await find('a')).toBe('a');
    await clock.pass(10 * 60_000);
    served.keys = ['a', 'b'];
    expect(await find('a')).toBe('a');
    expect(await find('b')).toBe('b');
    expect(served.reads).toBe(2);
  });

  test('count on for an hour while their issuer is away, and no longer', async () => {
    const { find, clock, served } = open();
    await find('a');
    served.keys = undefined;
    await clock.pass(59 * 60_000);
    expect(await find('a')).toBe('a');
    await clock.pass(60_000);
    expect(await find('a')).toBeUndefined();
    served.keys = ['a'];
    await clock.pass(30_000);
    expect(await find('a')).toBe('a');
  });

  test('that were withdrawn count no more once they have been read again', async () => {
    const { find, clock, served } = open();
    await find('a');
    served.keys = ['b'];
    await clock.pass(30_000);
    expect(await find('b')).toBe('b');
    expect(await find('a')).toBeUndefined();
  });
});
