import { parseEnv } from 'node:util';

/** A line of a file of variables. */
export interface EnvLine {
  variable: string;
  value: string;
}

/** A variable that a server needs and nothing sets. */
export interface MissingVariable {
  variable: string;
  meaning: string;
}

/**
 * `NAME=value` as the configuration's reader reads it back, or nothing where no way of writing it says the same: that format has no escapes.
 */
function renderEnvLine({ variable, value }: EnvLine): string | undefined {
  const ways = ['', "'", '"', '`'].map((quote) => `${variable}=${quote}${value}${quote}`);
  // A quote that nothing closes in its own line would be closed by one of a later line.
  const rest = `END=x'"\``;
  const isRead = (line: string): boolean => {
    const read = parseEnv(`${line}\n${rest}`);
    return read[variable] === value && 'END' in read;
  };
  return ways.find(isRead);
}

/** Lines to be added to a file of variables, and the variables whose values no line can hold. */
export function renderEnvLines(
  lines: readonly EnvLine[],
  missing: readonly MissingVariable[],
): { text: string; unwritable: readonly string[] } {
  const written = lines.map((line) => ({ line: renderEnvLine(line), variable: line.variable }));
  const open = missing.map(({ variable, meaning }) => {
    const about = meaning.replaceAll(/\s+/g, ' ').trim();
    return `# ${variable}=${about === '' ? '' : `   (${about})`}`;
  });
  return {
    text: [...written.flatMap(({ line }) => line ?? []), ...open].map((line) => `${line}\n`).join(''),
    unwritable: written.filter(({ line }) => line === undefined).map(({ variable }) => variable),
  };
}
