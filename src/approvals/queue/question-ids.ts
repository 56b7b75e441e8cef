import { randomInt } from 'node:crypto';

const space = 0x100_0000;

/**
 * Ids of six hexadecimal digits, each once in 16 million: a walk through all of them with an odd step, which meets none twice before it
 * has met all. From a random place, so that two proxies hardly ever have the same id at the same time.
 */
export function createQuestionIds(): () => string {
  const step = randomInt(space / 2) * 2 + 1;
  let at = randomInt(space);
  return () => {
    at = (at + step) % space;
    return at.toString(16).padStart(6, '0');
  };
}
