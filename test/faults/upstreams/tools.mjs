// What the tools do that are no faults of a transport. Each gets its arguments and `wire`:
//   answer(result), fail(error)   the answer to this call
//   raw(text)                     anything in place of an answer
//   notify(message)               a notification
//   id, signal                    of the call; the signal is aborted when the client gives it up
//   log(event, fields)            with tool, nonce and key filled in
import { setTimeout as sleep } from 'node:timers/promises';

export const text = (value) => ({
  content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }],
});

const reads = { readOnlyHint: true };
const writes = { readOnlyHint: false, destructiveHint: false };
const destroys = { readOnlyHint: false, destructiveHint: true };
const common = { nonce: { type: 'string' }, key: { type: 'string' }, ms: { type: 'number' } };
export const tool = (name, annotations, inputSchema) => ({
  name,
  description: `${name} of a server that misbehaves on demand`,
  inputSchema: inputSchema ?? { type: 'object', properties: common },
  annotations,
});

/** Waits; false where the client gave the call up meanwhile. */
const wait = (ms, signal) => sleep(ms ?? 0, true, { signal }).catch(() => false);

async function write(args, wire) {
  if (!(await wait(args.ms, wire.signal))) return;
  wire.log('effect');
  wire.answer(text(args.nonce ?? 'written'));
}

export const tools = {
  read: {
    listed: tool('read', reads),
    async run(args, wire) {
      if (await wait(args.ms, wire.signal)) wire.answer(text(args.nonce ?? 'read'));
    },
  },
  write: { listed: tool('write', writes), run: write },
  /** Idempotent where the policy says so. */
  put: { listed: tool('put', writes), run: write },
  destroy: { listed: tool('destroy', destroys), run: write },
  never: { listed: tool('never', reads), run: () => {} },
  never_write: { listed: tool('never_write', writes), run: () => {} },
  /** Answers as if it had never heard that it was given up. */
  late: {
    listed: tool('late', reads),
    async run(args, wire) {
      await sleep(args.ms);
      wire.answer(text(args.nonce));
    },
  },
  late_write: {
    listed: tool('late_write', writes),
    async run(args, wire) {
      await sleep(args.ms);
      wire.log('effect');
      wire.answer(text(args.nonce));
    },
  },
  die: { listed: tool('die', writes), run: () => process.exit(7) },
  /** `perSecond` notices for `ms`, of one kind: `log` messages, or changes of the tool list. */
  storm: {
    listed: tool('storm', reads),
    async run(args, wire) {
      const end = performance.now() + args.ms;
      const perTick = args.perSecond / 100;
      let owed = 0;
      while (performance.now() < end) {
        for (owed += perTick; owed >= 1; owed -= 1) {
          if (args.kind === 'list') wire.changeTools();
          else
            wire.notify({
              method: 'notifications/message',
              params: { level: 'error', data: 'x'.repeat(args.size ?? 100) },
            });
        }
        await sleep(10);
      }
      wire.answer(text(args.nonce ?? 'stormed'));
    },
  },
};
