import { expect, test } from 'vitest';
import { ownToolNames } from '../../src/batch/own-tools.ts';
import { instructions } from '../../src/serve/instructions.ts';

test('what every session is told is short, and names every tool of ours and how to chain calls', () => {
  expect(instructions.length).toBeLessThan(1_500);
  for (const word of [...ownToolNames, 'reference', 'forEach']) expect(instructions).toContain(word);
});
