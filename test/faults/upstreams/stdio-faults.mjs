// Faults of the frames on stdout, and of the process.
import { setTimeout as sleep } from 'node:timers/promises';
import { text, tool } from './tools.mjs';

const reads = { readOnlyHint: true };
const megabyte = 1024 * 1024;
const listed = (name) => tool(name, reads, { type: 'object', additionalProperties: true });

/** Resolves when stdout has taken it. */
const write = (chunk) => new Promise((resolve) => void process.stdout.write(chunk, resolve));

export const stdioFaults = {
  malformed: {
    listed: listed('malformed'),
    run({ how, nonce }, wire) {
      const send = (message) => wire.raw(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
      const { id } = wire;
      wire.log('did', { what: how });
      const answers = {
        both: [{ id, result: text(nonce), error: { code: 1, message: 'and an error' } }],
        neither: [{ id }],
        text: [{ id, result: 'not an object' }],
        twice: [
          { id, result: text(nonce) },
          { id, result: text('second answer') },
        ],
      };
      for (const answer of answers[how] ?? []) send(answer);
      if (answers[how] !== undefined) return;
      // Nobody asked under these; the right answer follows.
      const strangers =
        how === 'foreign' ? ['nobody', 'm:999999', 999_999, null] : [{ id }, [id], Number.NaN, true, 1.5];
      for (const stranger of strangers) send({ id: stranger, result: text('for somebody else') });
      send({ id, result: text(nonce) });
    },
  },
  /** `megabytes` in one line; `endless` leaves the line open and writes on until it is read. */
  oversized: {
    listed: listed('oversized'),
    async run({ megabytes, isEndless }, wire) {
      wire.log('did', { what: 'oversized' });
      const head = `{"jsonrpc":"2.0","id":${JSON.stringify(wire.id)},"result":{"content":[{"type":"text","text":"`;
      await write(isEndless ? `{"jsonrpc":"2.0","result":{"content":[{"type":"text","text":"` : head);
      for (let i = 0; i < megabytes; i += 1) await write('x'.repeat(megabyte));
      await write(isEndless ? '\n' : '"}]}}\n');
      wire.log('did', { what: 'oversized, whole' });
    },
  },
  deep: {
    listed: listed('deep'),
    async run({ levels }, wire) {
      wire.log('did', { what: 'deep' });
      const nest = `${'['.repeat(levels)}${']'.repeat(levels)}`;
      await write(
        `{"jsonrpc":"2.0","id":${JSON.stringify(wire.id)},"result":{"content":[],"structuredContent":{"deep":${nest}}}}\n`,
      );
    },
  },
  /** Lines that are no protocol on stdout, then the answer. */
  noise: {
    listed: listed('noise'),
    async run({ lines, nonce }, wire) {
      for (let i = 0; i < lines; i += 1) wire.raw(`loading module ${i} …\n`);
      wire.answer(text(nonce));
    },
  },
  /** So much on stderr, then the answer. */
  flood: {
    listed: listed('flood'),
    async run({ megabytes, nonce }, wire) {
      const line = `${'e'.repeat(199)}\n`.repeat(5_243);
      for (let i = 0; i < megabytes; i += 1) await new Promise((resolve) => void process.stderr.write(line, resolve));
      wire.answer(text(nonce));
    },
  },
  /** Reads nothing more from its stdin. */
  stall: {
    listed: listed('stall'),
    async run({ nonce }, wire) {
      wire.answer(text(nonce));
      await sleep(50);
      wire.log('did', { what: 'stall' });
      process.stdin.pause();
      setInterval(() => {}, 1000);
    },
  },
};
