import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Journal, JournaledCall } from '../../src/core/journal.ts';
import { batch, call, ended, keyed, makeStateDir, noReport, openJournal, openReader } from './support.ts';

/** What the journal should know, in a few lines. */
interface Model {
  calls: Map<string, string>;
  batches: Map<string, { status: string; key?: string; reply?: string }>;
}

type Step =
  | { do: 'accept' | 'claim'; key: number }
  | { do: 'begin'; batch: number; isRead: boolean }
  | { do: 'settle'; call: number; status: 'ok' | 'failed' | 'timeout' }
  | { do: 'late'; call: number }
  | { do: 'end'; batch: number; status: 'completed' | 'cancelled' }
  | { do: 'restart' };

const index = fc.nat({ max: 30 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('accept' as const, 'claim' as const), key: fc.nat({ max: 2 }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('begin' as const), batch: index, isRead: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      call: index,
      status: fc.constantFrom('ok' as const, 'failed' as const, 'timeout' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('late' as const), call: index }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      batch: index,
      status: fc.constantFrom('completed' as const, 'cancelled' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);

test('the journal and a model of it agree, whatever happens in whatever order', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
      const stateDir = makeStateDir();
      const model: Model = { calls: new Map(), batches: new Map() };
      let { journal } = openJournal(stateDir);
      let running: { id: string; batchId: string; entry: JournaledCall }[] = [];
      let unsure: typeof running = [];
      let names = 0;
      const open = (): string[] =>
        [...model.batches].filter(([, { status }]) => status === 'running').map(([id]) => id);

      for (const next of steps) {
        if (next.do === 'accept') {
          const id = `b${names++}`;
          journal.accept(batch(id));
          model.batches.set(id, { status: 'running' });
        } else if (next.do === 'claim') {
          const id = `b${names++}`;
          const expected = expectedClaim(model, `k${next.key}`);
          expect(claim(journal, id, `k${next.key}`)).toEqual(expected);
          if (/^(new|interrupted)/.test(expected)) model.batches.set(id, { status: 'running', key: `k${next.key}` });
        } else if (next.do === 'begin') {
          const batchId = open()[next.batch % Math.max(open().length, 1)];
          if (batchId === undefined) continue;
          const id = `c${names++}`;
          const entry = journal.begin(call({ callId: id, batchId, class: next.isRead ? 'read' : 'write' }));
          await entry.written;
          running.push({ id, batchId, entry });
          model.calls.set(`${batchId} ${id}`, 'running');
        } else if (next.do === 'settle') {
          const [one] = running.splice(next.call % Math.max(running.length, 1), 1);
          if (one === undefined) continue;
          one.entry.settle(ended({ status: next.status, applied: next.status === 'timeout' ? 'unknown' : 'yes' }));
          if (next.status === 'timeout') unsure.push(one);
          model.calls.set(`${one.batchId} ${one.id}`, next.status);
        } else if (next.do === 'late') {
          const [one] = unsure.splice(next.call % Math.max(unsure.length, 1), 1);
          one?.entry.settle({ ...ended(), isLate: true });
          if (one !== undefined) model.calls.set(`${one.batchId} ${one.id}`, 'ok late');
        } else if (next.do === 'end') {
          const id = open()[next.batch % Math.max(open().length, 1)];
          if (id === undefined) continue;
          journal.end(id, { ...noReport, status: next.status, reply: { of: id } });
          Object.assign(model.batches.get(id) ?? {}, { status: next.status, reply: id });
        } else {
          await journal.close();
          interrupt(model);
          running = [];
          unsure = [];
          ({ journal } = openJournal(stateDir));
        }
      }
      await journal.close();
      interrupt(model);
      expect(read(stateDir)).toEqual(model.calls);
      const batches = openReader(stateDir).batches({ limit: 1_000 });
      expect(new Map(batches.map(({ batchId, status }) => [batchId, status]))).toEqual(
        new Map([...model.batches].map(([id, { status }]) => [id, status])),
      );
    }),
    { numRuns: 60 },
  );
});

function interrupt(model: Model): void {
  for (const [id, status] of model.calls) if (status === 'running') model.calls.set(id, 'interrupted');
  for (const known of model.batches.values()) if (known.status === 'running') known.status = 'interrupted';
}

function read(stateDir: string): Map<string, string> {
  const calls = openReader(stateDir).calls({ limit: 1_000 });
  expect(new Set(calls.map(({ seq }) => seq)).size).toBe(calls.length);
  expect(new Set(calls.map(({ callId }) => callId)).size).toBe(calls.length);
  return new Map(
    calls.map(({ batchId, callId, status, isLate }) => [
      `${batchId} ${callId}`,
      isLate === true ? `${status} late` : status,
    ]),
  );
}

/** A claim in a line: with the reply, or the calls that are known and whether their ends are. */
function claim(journal: Journal, batchId: string, key: string): string {
  const made = journal.claim(keyed(batchId, { key }));
  if (made.kind === 'finished') return `finished ${made.batchId} ${JSON.stringify(made.reply)}`;
  if (made.kind === 'running') return `running ${made.batchId}`;
  if (made.kind !== 'interrupted') return made.kind;
  const calls = [...made.calls].map(([id, { outcome }]) => `${id} ${outcome?.status ?? 'interrupted'}`);
  return `interrupted ${made.batchId}: ${calls.sort().join(', ')}`;
}

function expectedClaim({ batches, calls }: Model, key: string): string {
  const holders = [...batches].filter(([, holder]) => holder.key === key);
  const [id, last] = holders.at(-1) ?? [];
  if (last === undefined || id === undefined) return 'new';
  if (last.status === 'running') return `running ${id}`;
  if (last.status !== 'interrupted') return `finished ${id} ${JSON.stringify({ of: id })}`;
  const known = [...calls]
    .map(([name, status]) => ({
      batchId: name.split(' ')[0],
      text: `${name.split(' ')[1]} ${status.replace(' late', '')}`,
    }))
    .filter(({ batchId }) => holders.some(([holder]) => holder === batchId));
  return `interrupted ${id}: ${known
    .map(({ text }) => text)
    .sort()
    .join(', ')}`;
}
