import { expect, test } from 'vitest';
import { createNoiseCounter } from '../../../src/upstream/transport/noise.ts';
import { createRedactor } from '../../../src/upstream/transport/redact.ts';
import { createStderrTail } from '../../../src/upstream/transport/stderr-tail.ts';

const key = 'sk-live-0123456789abcdefghijklmnopqrstuvwxyz';
const redactor = createRedactor([key]);

// Of a shown line there are 2,000 characters, and as much of one that is too long to be read.
test.each([
  ['in a line that is shown only in part', `${'y'.repeat(1990)}${key}`],
  ['in a line of which only the beginning is kept', `${'y'.repeat(1980)}${key}${'z'.repeat(10_000)}`],
])('no part of a secret is shown %s', (_, line) => {
  const handedOn: string[] = [];
  const tail = createStderrTail({ onLine: (one) => handedOn.push(one), redactor });
  tail.push(Buffer.from(`${line}\n`));
  for (const shown of [...handedOn, ...tail.lines()]) {
    expect(shown).toMatch(/^y{1900}/);
    expect(shown.length).toBeLessThanOrEqual(2000);
    expect(shown).not.toContain('sk-');
  }
  expect(handedOn).toHaveLength(1);
});

test('no part of a secret is shown in the sample of what a server prints on stdout', () => {
  const samples: string[] = [];
  const noise = createNoiseCounter((_, sample) => samples.push(sample), redactor.redact);
  noise.add(`${'x'.repeat(50)} key=${key}`);
  noise.close();
  expect(samples).toEqual([`${'x'.repeat(50)} key=•••`]);
});
