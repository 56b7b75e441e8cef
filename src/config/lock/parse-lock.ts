import type { z } from 'zod';
import type { Problem } from '../../core/place.ts';
import { checkSchema } from '../schema/check-schema.ts';
import type { Launch } from '../config.ts';
import type { LockFile, LockedTool } from './lock-file.ts';
import { lockFileSchema } from './lock-schema.ts';
import { renderLock } from './render-lock.ts';
import { parseJsonSource } from './parse-json-source.ts';

/** A mistake of a program makes all of its lines wrong, and nobody reads a thousand of them. */
const maxProblems = 20;

/** The text of a lock file as what it says, or what is wrong with it. `file` is the name that problems show. */
export function parseLock(text: string, file: string): { lock?: LockFile; problems: readonly Problem[] } {
  const asWritten = readAsWritten(text);
  if (asWritten !== undefined) return { lock: asWritten, problems: [] };
  const { source, problems } = parseJsonSource(text, file, maxProblems);
  if (source === undefined) return { problems };
  const checked = checkSchema(lockFileSchema, source.value, source, [], maxProblems);
  if (!checked.ok) return { problems: checked.problems.slice(0, maxProblems) };
  return { lock: toLockFile(checked.value), problems: [] };
}

/**
 * A lock file that is as this program writes it, to the last sign: a key cannot stand in it twice then. Ten times as fast as finding out
 * where everything stands, and it may be read again while calls run.
 */
function readAsWritten(text: string): LockFile | undefined {
  const parsed = lockFileSchema.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const lock = toLockFile(parsed.data);
  return renderLock(lock) === text ? lock : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toLockFile({ servers }: z.output<typeof lockFileSchema>): LockFile {
  return {
    servers: new Map(
      [...servers].map(([name, { launch, tools }]) => [
        name,
        {
          launch: toLaunch(launch),
          tools: new Map([...tools].map(([tool, accepted]) => [tool, toLockedTool(accepted)])),
        },
      ]),
    ),
  };
}

type ValueOf<M> = M extends ReadonlyMap<string, infer V> ? V : never;
type WrittenServer = ValueOf<z.output<typeof lockFileSchema>['servers']>;
type WrittenLaunch = WrittenServer['launch'];

function toLockedTool({ rest, ...parts }: ValueOf<WrittenServer['tools']>): LockedTool {
  return { ...parts, ...(rest !== undefined && { rest }) };
}

function toLaunch(written: WrittenLaunch): Launch {
  if ('url' in written) return written;
  const { command, args, env, cwd } = written;
  return { command, args, env, ...(cwd !== undefined && { cwd }) };
}
