import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Circuit } from '../../../src/upstream/health/circuit.ts';
import { createCircuit } from '../../../src/upstream/health/circuit.ts';
import { silent } from '../support.ts';

const openMs = 30_000;
let answers: (string | undefined)[] = [];
let probes = 0;
let circuit: Circuit;
beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T10:00:00Z') });
  answers = [];
  probes = 0;
  const probe = (): Promise<string | undefined> => {
    probes += 1;
    return Promise.resolve(answers.shift());
  };
  circuit = createCircuit({ openMs, probe, logger: silent });
});
afterEach(() => {
  circuit.close();
  vi.useRealTimers();
});

test('five failures in a row refuse calls, and say why and until when; four do not, nor do five with an answer among them', () => {
  circuit.fail('reset', 4);
  circuit.succeed();
  circuit.fail('reset', 4);
  expect(circuit.refusal()).toBeUndefined();
  circuit.fail('reset');
  vi.advanceTimersByTime(7000);
  expect(circuit.refusal()).toBe(
    'it did not answer 5 times in a row (reset), so nothing is sent to it for 23 s more, until 10:00:30 UTC; then it is asked whether it answers again',
  );
});

test('one probe after 30 s lets calls through again where it is answered', async () => {
  circuit.fail('reset', 5);
  // An answer to a call from before is no probe.
  circuit.succeed();
  await vi.advanceTimersByTimeAsync(openMs - 1);
  expect([probes, circuit.refusal() === undefined]).toEqual([0, false]);
  await vi.advanceTimersByTimeAsync(1);
  expect([probes, circuit.refusal()]).toEqual([1, undefined]);
  // It starts from nothing.
  circuit.fail('reset', 4);
  expect(circuit.refusal()).toBeUndefined();
});

test('a probe that is not answered refuses calls for as long again', async () => {
  answers = ['silent', 'silent', undefined];
  circuit.fail('reset', 5);
  await vi.advanceTimersByTimeAsync(2 * openMs + 1);
  expect([probes, circuit.refusal()]).toEqual([2, expect.stringContaining('(silent)')]);
  await vi.advanceTimersByTimeAsync(openMs);
  expect(circuit.refusal()).toBeUndefined();
});

test('a reset lets calls through at once, and no probe comes after it', async () => {
  circuit.fail('reset', 5);
  circuit.reset();
  expect(circuit.refusal()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(2 * openMs);
  expect(probes).toBe(0);
});

test('it gives its timer back when it is closed', () => {
  circuit.fail('reset', 5);
  expect(vi.getTimerCount()).toBe(1);
  circuit.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('a new connection lets calls through at once; failures that were too few still count on it', async () => {
  circuit.fail('reset', 5);
  circuit.renew();
  expect(circuit.refusal()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(2 * openMs);
  expect(probes).toBe(0);
  circuit.fail('reset', 4);
  circuit.renew();
  circuit.fail('reset');
  expect(circuit.refusal()).toContain('(reset)');
});

test('a sign of life has it asked at once, but not more than once a second', async () => {
  answers = ['still nothing'];
  circuit.fail('reset', 5);
  circuit.stir();
  circuit.stir();
  await vi.advanceTimersByTimeAsync(500);
  circuit.stir();
  expect(probes).toBe(1);
  expect(circuit.refusal()).toContain('still nothing');
  await vi.advanceTimersByTimeAsync(500);
  circuit.stir();
  await vi.advanceTimersByTimeAsync(0);
  expect([probes, circuit.refusal()]).toEqual([2, undefined]);
  circuit.stir();
  await vi.advanceTimersByTimeAsync(2 * openMs);
  expect(probes).toBe(2);
});
