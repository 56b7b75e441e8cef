import { expect, test } from 'vitest';
import { parseLock } from '../../../src/config/lock/parse-lock.ts';
import { cpuMs } from '../../cpu-ms.ts';

const around = (tools: string): string =>
  `{"version":1,"servers":{"s":{"launch":{"command":"a","args":[],"env":[]},"tools":{${tools}}}}}`;
const wrong = '{"description":"","schema":"","annotations":""}';

test.each([
  ['wrong digests', (index: number) => `"tool_${index}":${wrong}`],
  ['keys that stand twice', () => `"a":${wrong}`],
])('a lock file full of %s is refused in no time to speak of', (_, entry) => {
  const text = around(Array.from({ length: 10_000 }, (__, index) => entry(index)).join(',\n'));
  const begun = cpuMs();
  expect(parseLock(text, 'marshal.lock').problems).toHaveLength(20);
  expect(cpuMs() - begun).toBeLessThan(2500);
});
