import { afterEach, expect, test, vi } from 'vitest';
import { isStillThere, takeCensus } from '../../../src/upstream/processes/census.ts';

afterEach(() => vi.unstubAllGlobals());

test.each(process.platform === 'linux' ? ['linux', 'freebsd'] : [process.platform])(
  'every process is seen with its parent and its start (as on %s)',
  async (platform) => {
    // `ps` is asked where there is no /proc to be read.
    vi.stubGlobal('process', Object.create(process, { platform: { value: platform } }));
    const own = (await takeCensus()).find(({ pid }) => pid === process.pid);
    expect(own).toMatchObject({ parent: process.ppid });
    expect(own!.born).not.toBe('');
    expect(isStillThere(own!)).toBe(true);
  },
);

test.runIf(process.platform === 'linux')('another process with the same pid is told from the one that was seen', () => {
  expect(isStillThere({ pid: process.pid, parent: 1, group: 1, born: '1' })).toBe(false);
});

test('many who ask at a time share two looks', async () => {
  const asked = Array.from({ length: 10 }, () => takeCensus());
  expect(new Set(await Promise.all(asked)).size).toBe(2);
});
