// Shapes of one server: what a batch can gain, and what it must not break. Every call has its own key unless the shape says otherwise.
import { move, read, write } from '../calls.mjs';
import { createRandom, lognormal } from '../random.mjs';

const s = 's0';
const oneServer = { servers: { [s]: {} }, maxParallel: 8 };
const times = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const file = (i) => `/files/f${i}`;

export const oneServerShapes = [
  {
    // 3 rounds of 8, the last not full: 3 / (20 / 8) = 1.20 is the best possible.
    id: 'B01',
    title: '20 equal reads',
    target: 1.25,
    ...oneServer,
    batch: () => times(20, (i) => read(s, file(i), 150)),
  },
  {
    id: 'B02',
    title: 'a 10× straggler first',
    target: 1.05,
    ...oneServer,
    batch: () => times(20, (i) => read(s, file(i), i === 0 ? 500 : 50)),
  },
  {
    id: 'B03',
    title: 'write, read back, 8×',
    target: 1.05,
    ...oneServer,
    batch: () => times(8, (i) => [write(s, file(i), 200), read(s, file(i), 200)]).flat(),
  },
  {
    id: 'B04',
    title: 'a write, 8 reads of it',
    target: 1.05,
    ...oneServer,
    batch: () => [write(s, file(0), 200), ...times(8, () => read(s, file(0), 200))],
  },
  {
    // 24 calls at 8 in parallel are exactly 3 rounds, if nothing waits for anything.
    id: 'B05',
    title: 'writes, reads, 24 keys',
    target: 1.05,
    ...oneServer,
    batch: () => times(24, (i) => (i % 2 === 0 ? write : read)(s, file(i), 130)),
  },
  {
    // The chain stands last, so that who goes by the order of the calls alone starts it too late.
    id: 'B06',
    title: 'chain of 10, 20 reads',
    target: 1.05,
    ...oneServer,
    batch: () => [...times(20, (i) => read(s, file(i), 50)), ...times(10, () => write(s, '/chain', 50))],
  },
  {
    // A directory is written, 16 files below it read, and it is written again. Who does not know the times beforehand and always
    // keeps 8 in flight comes to 1.08 in the median of such batches.
    id: 'B07',
    title: 'diamond 1–16–1',
    target: 1.15,
    ...oneServer,
    batch(seed) {
      const random = createRandom(700 + seed);
      const ms = () => lognormal(random, 80, 0.8);
      return [write(s, '/files', ms()), ...times(16, (i) => read(s, file(i), ms())), write(s, '/files', ms())];
    },
  },
  {
    id: 'B10',
    title: '30 writes, 30 reads',
    target: 1.05,
    ...oneServer,
    batch: () => times(30, (i) => [write(s, '/log', 40), read(s, file(i), 40)]).flat(),
  },
  {
    // 8 reads, the write, 16 reads in 2 rounds: 5.4 units against a chain of 4.4, so that 1.23 is the best possible.
    id: 'B13',
    title: 'dir. write, 24 reads',
    target: 1.3,
    ...oneServer,
    batch: () => [
      ...times(8, (i) => read(s, file(i), 100)),
      write(s, '/files', 240),
      ...times(16, (i) => read(s, file(8 + i), 100)),
    ],
  },
  {
    // Even places first: 8 moves that touch nothing of each other, then the 8 between them, each of which shares a key with two.
    id: 'B14',
    title: '16 moves in a ring',
    target: 1.05,
    ...oneServer,
    batch: () =>
      times(16, (i) => ((2 * i) % 16) + (i < 8 ? 0 : 1)).map((at) => move(s, file(at), file((at + 1) % 16), 200)),
  },
];
