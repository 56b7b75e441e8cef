// Shapes of several servers: caps, backlogs, and nobody who waits for what is not his.
import { read, unannotated, write } from '../calls.mjs';
import { createRandom, lognormal } from '../random.mjs';

const times = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const serversOf = (count, caps) => Object.fromEntries(times(count, (i) => [`s${i}`, caps]));
const file = (i) => `/files/f${i}`;

// Two of them on s3, one on each other server.
const hanging = new Set([7, 28, 49, 70, 91]);

const narrow = (i) => read('narrow', file(i), 20);
const wide = (i) => read('wide', file(i), 100);
const narrowAndWide = { servers: { narrow: { cap: 1 }, wide: { cap: 8 } }, maxParallel: 8, target: 1.1 };

export const manyServerShapes = [
  {
    // 16 slots for 20 calls that the servers would take: who gives waiting calls slots runs out of them. The slow server binds.
    // It stands fourth: its two slots go to it at once. Standing last, it would get the second a round later, 1.05 at best.
    id: 'B08',
    title: '10 servers, one slow',
    target: 1.05,
    servers: serversOf(10, { cap: 2 }),
    maxParallel: 16,
    batch: () => times(100, (i) => read(`s${i % 10}`, file(i), i % 10 === 3 ? 120 : 30)),
  },
  {
    id: 'B09',
    title: '1,000 reads, 4 servers',
    target: 1.05,
    servers: serversOf(4, { cap: 4 }),
    maxParallel: 16,
    isLong: true,
    leftOut: ['one by one'],
    batch(seed) {
      const random = createRandom(900 + seed);
      return times(1_000, (i) => read(`s${i % 4}`, file(i), lognormal(random, 60, 0.5)));
    },
  },
  {
    // Nothing is known of these tools, so that each has its server for itself: 5 chains.
    id: 'B11',
    title: '5 × 8 unannotated',
    target: 1.05,
    servers: serversOf(5, {}),
    maxParallel: 8,
    batch: () => times(40, (i) => unannotated(`s${Math.floor(i / 8)}`, i % 8, 60)),
  },
  {
    id: 'B12a',
    title: 'cap 1 first, then wide',
    ...narrowAndWide,
    batch: () => [...times(40, narrow), ...times(40, wide)],
  },
  {
    id: 'B12b',
    title: 'wide first, then cap 1',
    ...narrowAndWide,
    batch: () => [...times(40, wide), ...times(40, narrow)],
  },
  {
    // Of ten calls about six read a file, three write one, and one touches a whole server; six files a server.
    id: 'B15',
    title: '60 random mixed calls',
    target: 1.25,
    servers: serversOf(4, {}),
    maxParallel: 8,
    batch(seed) {
      const random = createRandom(1_500 + seed);
      const pick = (count) => Math.floor(random() * count);
      return times(60, () => {
        const [server, kind, ms] = [`s${pick(4)}`, random(), lognormal(random, 50, 0.5)];
        if (kind < 0.1) return unannotated(server, pick(8), ms);
        return (kind < 0.4 ? write : read)(server, file(pick(6)), ms);
      });
    },
  },
  {
    // Every tenth call fails, and five reads never answer: they count with their timeout, since that long a slot is theirs.
    id: 'B18',
    title: '10 % fail, 5 % time out',
    target: 1.3,
    servers: serversOf(4, {}),
    maxParallel: 8,
    // A server that does not answer a read gets that slot back after 5 s, and the next run shall not find it gone.
    settleMs: 5_500,
    batch: () =>
      times(100, (i) => {
        const server = `s${i % 4}`;
        if (hanging.has(i)) return { ...read(server, file(i), 0, { hang: true }), timeoutMs: 150 };
        return (i % 3 === 0 ? write : read)(server, file(i), 50, i % 10 === 5 ? { fail: true } : {});
      }),
  },
];
