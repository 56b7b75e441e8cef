import { parseSource } from '../../config/source/parse-source.ts';
import type { JsonValue } from '../../core/json.ts';
import { renderProblem } from '../../core/place.ts';
import type { CliContext } from '../context.ts';
import { usageFailure } from '../failure.ts';
import { parseJson } from './parse-json.ts';
import { readGiven } from './read-given.ts';
import { readStdin } from './read-stdin.ts';

/** A batch as it was written: JSON, or YAML in a file that is named so; from stdin where no file is named, or `-`. Throws a usage failure. */
export async function readBatch(context: CliContext, file: string | undefined): Promise<JsonValue> {
  const isStdin = file === undefined || file === '-';
  if (isStdin && context.io.stdin.isTTY === true) {
    throw usageFailure('no batch was given', 'name a file with {"calls": [{"tool": "…"}]}, or pipe one in');
  }
  const name = isStdin ? 'stdin' : file;
  const text = isStdin ? await readStdin(context) : await readGiven(file, context.io.cwd);
  if (text.trim() === '') throw usageFailure(`${name} is empty`, 'write {"calls": [{"tool": "…"}]}');
  if (/\.ya?ml$/i.test(name)) {
    const { source, problems } = parseSource(text, name);
    if (source === undefined) throw usageFailure(problems.map(renderProblem).join('\n'));
    return source.value;
  }
  const parsed = parseJson(text);
  if ('reason' in parsed) {
    const fix = isStdin ? 'for YAML, give it as a file named .yaml' : 'for YAML, name the file .yaml';
    throw usageFailure(`${name} is not JSON: ${parsed.reason}`, fix);
  }
  return parsed.value;
}
