import { describe, expect, test } from 'vitest';
import { createArgumentValidator } from '../../../src/batch/plan/argument-validator.ts';
import { createPrepare } from '../../../src/batch/plan/create-prepare.ts';
import { planBatch } from '../../../src/batch/plan/plan-batch.ts';
import { planPassthrough } from '../../../src/batch/plan/plan-passthrough.ts';
import { buildCatalog } from '../../../src/catalog/build-catalog.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { PlanEntry, Prepared } from '../../../src/core/plan.ts';
import type { Caller, Touched } from '../../../src/core/verdict.ts';
import { makePolicy, makeTool } from '../../policy/make-policy.ts';
import { fixture, serverConfig } from '../../upstream/support.ts';
import { callAt, ok, requestOf, text } from '../tiny-catalog.ts';

const policy = makePolicy({
  read: ['page', 'mail', 'look'],
  write: ['send'],
  untrusted: ['page'],
  private: ['mail', 'gone'],
  exfiltrates: ['send', 'look'],
  deny: ['gone'],
});
const tools = ['page', 'mail', 'look', 'send', 'gone'].map((name) => makeTool(name));
const catalog = buildCatalog([{ server: 'w', policy, tools }], { naming: 'prefixed' });
const call = (name: string, more: object = {}) => ({ tool: `w__${name}`, ...more });
const page = call('page');
const mail = call('mail');
const send = call('send');
const both: Touched = { untrusted: 'x__issue', private: 'x__file' };

/** Plans a batch by a session that has read what `touched` says whenever it is asked. */
function plan(
  calls: readonly object[],
  { action = 'ask', touched = () => ({}) }: { action?: 'ask' | 'deny'; touched?: () => Touched } = {},
) {
  const bag = {
    request: requestOf(calls),
    catalog,
    servers: new Map(),
    validate: createArgumentValidator(),
    readOnly: false,
    caller: (): Caller => ({ flow: { action, touched: touched() } }),
  };
  const planned = planBatch({ ...bag, batchId: 'b' });
  if (!planned.ok) throw new Error(planned.error.message);
  const prepare = createPrepare({ ...bag, entries: planned.plan.entries });
  return {
    plan: planned.plan,
    prepare: (index: number, outcomes: readonly Outcome[]) => prepare(callAt(planned.plan, index), outcomes),
  };
}

function saysOf(entry: PlanEntry | Prepared): string {
  if (entry.kind === 'each') return entry.entries.map(saysOf).join();
  if (entry.kind === 'settled') return entry.outcome.error!.code;
  return entry.call.approval !== undefined ? 'asks' : entry.call.mayAsk === true ? 'may ask' : 'runs';
}
const verdictsOf = (calls: readonly object[], choices = {}): string[] => plan(calls, choices).plan.entries.map(saysOf);

describe('a call that can let something out', () => {
  test.each<[what: string, calls: object[], last: string]>([
    ['needs approval after a stranger and a secret were read in the same batch', [page, mail, send], 'asks'],
    ['needs it whatever the order of the two', [mail, call('look'), page, send], 'asks'],
    ['needs it as a read as well', [page, mail, call('look')], 'asks'],
    ['runs before the second of them', [page, send], 'runs'],
    ['runs before them, wherever it stands in time', [send], 'runs'],
    ['runs where the secret was denied', [page, call('gone'), send], 'runs'],
    ['runs where the secret was not to be had', [page, { ...mail, arguments: 'no' }, send], 'runs'],
  ])('%s', (_, calls, last) => {
    expect(verdictsOf(calls).at(-1)).toBe(last);
  });

  test('is asked about by what stands before it in the batch, not after it', () => {
    expect(verdictsOf([send, page, send, mail, send])).toEqual(['runs', 'runs', 'runs', 'runs', 'asks']);
  });

  test('is denied where the configuration says so, and what it would have read counts for nobody', () => {
    expect(verdictsOf([page, mail, send, page], { action: 'deny' })).toEqual([
      'runs',
      'runs',
      'denied_by_policy',
      'runs',
    ]);
  });

  test('counts what the session has read before the batch', () => {
    expect(verdictsOf([send], { touched: () => both })).toEqual(['asks']);
    expect(verdictsOf([mail, send], { touched: () => ({ untrusted: 'x' }) })).toEqual(['runs', 'asks']);
  });

  test('says what was read, and by which tools', () => {
    expect(callAt(plan([page, mail, send]).plan, 2).approval).toEqual({
      reason:
        'the flow rule: since w__page (untrusted) and w__mail (private) were read before, and w__send can let things out',
      mend: 'take what matches send out of "exfiltrates:" in a policy file for the server w (now: none)',
      isFlow: true,
    });
  });

  test('is sent by itself where an identical one before the reading needed no approval', () => {
    const { entries } = plan([call('look'), page, mail, call('look')]).plan;
    expect(entries.map((entry) => entry.kind === 'run' && entry.call.sameAs)).toEqual(Array(4).fill(undefined));
    expect(entries.map(saysOf)).toEqual(['runs', 'runs', 'runs', 'asks']);
  });
});

describe('a call whose arguments come from another', () => {
  const from = (id: string, more: object = {}) => call('send', { arguments: { body: { $result: id } }, ...more });

  test('is asked about once they are known, by what the batch has read before it', () => {
    const { plan: planned, prepare } = plan([page, mail, from('c1')]);
    expect(saysOf(planned.entries[2]!)).toBe('may ask');
    expect(saysOf(prepare(2, [ok(text('p')), ok(text('m'))]))).toBe('asks');
  });

  test('is asked about by what the session has read since it was planned', () => {
    let touched: Touched = {};
    const { plan: planned, prepare } = plan([page, from('c0')], { touched: () => touched });
    expect(saysOf(planned.entries[1]!)).toBe('runs');
    touched = { private: 'x__file' };
    expect(saysOf(prepare(1, [ok(text('p'))]))).toBe('asks');
  });

  test('is asked about element by element, or denied', () => {
    const each = call('send', { arguments: { body: { $item: '' } }, forEach: { $result: 'c1' } });
    const ended = [ok(text('p')), ok(text('[1,2]'))];
    expect(saysOf(plan([page, mail, each]).prepare(2, ended))).toBe('asks,asks');
    const denying = plan([page, mail, each], { action: 'deny' });
    expect(denying.plan.entries.map(saysOf).at(-1)).toBe('denied_by_policy');
  });
});

describe('a call by itself', () => {
  const server = { ...serverConfig(fixture('hang.mjs')), policy };
  const alone = (name: string, caller?: Caller) => {
    const entry = catalog.byExposedName.get(`w__${name}`)!;
    const planned = planPassthrough(entry, { args: {}, server, ...(caller && { caller }) });
    return planned.ok ? (planned.call.approval?.reason ?? 'runs') : planned.error.code;
  };

  test.each([
    [{ flow: { action: 'ask', touched: both } }, expect.stringContaining('w__send can let things out')],
    [{ flow: { action: 'deny', touched: both } }, 'denied_by_policy'],
    [{ flow: { action: 'deny', touched: {} } }, 'runs'],
    [{ scopes: new Set(['read']) }, 'denied_by_policy'],
    [undefined, 'runs'],
  ] as [Caller | undefined, unknown][])('on behalf of %o', (caller, says) => {
    // What was found out for one caller is not another's.
    expect(alone('send')).toBe('runs');
    expect(alone('send', caller)).toEqual(says);
    expect(alone('send')).toBe('runs');
  });
});
