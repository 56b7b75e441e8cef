import { nearestNames } from '../../policy/nearest-names.ts';

/** Shows a value in a message: as JSON, and no more of it than a reader needs. */
export function quote(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : 'nothing';
}

/** What is wrong with a field that counts something, or `undefined`. A string of digits is not taken for a number. */
export function findCountProblem(value: unknown): string | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && Number(value) > 0)) return undefined;
  return `${quote(value)} is not a whole number above 0`;
}

/** What is wrong with a field that is one of a few words, or `undefined`. */
export function findChoiceProblem(value: unknown, choices: readonly string[]): string | undefined {
  if (value === undefined || choices.some((choice) => choice === value)) return undefined;
  return `${quote(value)} is not one of ${choices.map((choice) => `"${choice}"`).join(', ')}`;
}

/**
 * One line for each of the first `most`, and one that says how many more there are. What is not shown is not described: a message is to
 * mend a call by, and what a client sends may have a million mistakes.
 */
export function describeFirst<T>(all: readonly T[], describe: (one: T) => string, most = 10): string[] {
  const lines = all.slice(0, most).map(describe);
  if (all.length > most) lines.push(`and ${(all.length - most).toLocaleString('en-US')} more`);
  return lines;
}

/** What to say of a field that nothing here knows: the right spelling if one is close, else all the names there are. */
export function describeUnknownField(field: string, known: readonly string[]): string {
  const [near] = field.length < 3 ? [] : nearestNames(field, known, 1);
  const mend = near === undefined ? `there are ${known.join(', ')}` : `write "${near}"`;
  return `${quote(field)} is not a field here; ${mend}`;
}
