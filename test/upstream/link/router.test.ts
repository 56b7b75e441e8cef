import { expect, test, vi } from 'vitest';
import type { Instance } from '../../../src/upstream/instance/instance.ts';
import { createInstance } from '../../../src/upstream/instance/instance.ts';
import type { OpenGroup } from '../../../src/upstream/link/fleet-group.ts';
import { createFleetGroup } from '../../../src/upstream/link/fleet-group.ts';
import { createOwnView } from '../../../src/upstream/link/own-view.ts';
import { createRouter } from '../../../src/upstream/link/router.ts';
import { createRoster } from '../../../src/upstream/reload/roster.ts';
import { fixture, serverConfig, silent } from '../support.ts';
import { askableClient } from './open-fleet.ts';

const server = serverConfig(fixture('hang.mjs'), 'x');
const asking = { has: () => true, add: () => {} };
/** One that is never started. */
const instance = (): Instance => createInstance({ server, logger: silent, asking });
const retire = (): Promise<void> => Promise.resolve();
const visitor = (id: string) => ({ client: askableClient(id), level: () => undefined, hear() {} });

function open(shared: Instance, group: Partial<OpenGroup> = {}) {
  const counts = { opened: 0, closed: 0 };
  const servers = createRoster([server]);
  const whole: OpenGroup = {
    ...createFleetGroup({ servers, open: () => shared, known: () => ({}), retire }),
    ...group,
  };
  const own = {
    open: () => {
      counts.opened += 1;
      return instance();
    },
    close: () => void (counts.closed += 1),
    retire() {},
    closeAll: () => Promise.resolve(),
  };
  return { counts, router: createRouter({ visitor: visitor('a'), group: whole, servers, asking, own, waitMs: 1000 }) };
}

test('a client that left while its server was sought gets no connection, and keeps nobody from the shared one', async () => {
  const shared = instance();
  const { router, counts } = open(shared, { whenFound: () => Promise.resolve(shared) });
  const home = router.home('x');
  const lease = router.lease('x', undefined);
  router.close();
  expect([await home, await lease]).toEqual(['the client has gone', 'the client has gone']);
  expect(router.direct('x')).toBeUndefined();
  expect(shared.claim(visitor('b').client)).toBe(true);

  const taken = instance();
  taken.claim(visitor('b').client);
  const late = open(taken, { whenFound: () => Promise.resolve(taken) });
  const none = late.router.home('x');
  late.router.close();
  expect(await none).toBe('the client has gone');
  expect([counts.opened, late.counts.opened]).toEqual([0, 0]);
});

test('a connection that another client has to itself is not among those of a client', () => {
  const shared = instance();
  const { router } = open(shared);
  expect(router.current()).toEqual([shared]);
  shared.claim(visitor('b').client);
  expect(router.current()).toEqual([]);
});

test('what a client sees of a group ends with it, and leaves nothing that waits for the group', async () => {
  const group = createFleetGroup({ servers: createRoster([]), open: instance, known: () => ({}), retire });
  const ended = new Promise<void>(() => {});
  const waits = vi.spyOn(ended, 'then');
  const { view, close } = createOwnView({ ...group, ended }, { mine: () => undefined, onChange: () => () => {} });
  close();
  await view.ended;
  expect(waits).not.toHaveBeenCalled();
});
