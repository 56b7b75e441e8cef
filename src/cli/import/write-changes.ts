import type { Config } from '../../config/config.ts';
import { replaceFile } from '../../config/edit/replace-file.ts';
import type { FileChange } from '../../config/edit/replace-file.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { planConfig } from './plan-changes.ts';
import type { PolicyChange } from './plan-changes.ts';

/** A file that was written. */
export interface Written {
  path: string;
  /** Where the old one is. */
  backup?: string;
}

/** Policies first: a configuration that names a file that is not there is none. */
export async function writePolicies(config: Config, changes: readonly PolicyChange[]): Promise<Written[]> {
  const references = new Map(
    changes.flatMap(({ server, reference }) => (reference === undefined ? [] : [[server, reference] as const])),
  );
  const ofConfig = references.size === 0 ? undefined : await planConfig(config, references);
  if (references.size > 0 && ofConfig === undefined) {
    throw writeFailure(
      `${config.file} is not edited: it is another program's own file, or written in a way that cannot be edited safely; nothing was written`,
      [...references]
        .map(([server, policy]) => `give ${server} policy: ${policy} by hand, with a file of that name`)
        .join('; '),
    );
  }
  return writeFiles([...changes.flatMap(({ change }) => change ?? []), ...(ofConfig === undefined ? [] : [ofConfig])]);
}

/** Writes one after the other. Throws at the first that cannot be written, and says what was written before. */
export async function writeFiles(changes: readonly FileChange[]): Promise<Written[]> {
  const written: Written[] = [];
  for (const change of changes) written.push(await writeOne(change, written));
  return written;
}

async function writeOne(change: FileChange, before: readonly Written[]): Promise<Written> {
  try {
    const backup = await replaceFile(change);
    return { path: change.path, ...(backup !== undefined && { backup }) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const done =
      before.length === 0 ? 'nothing was written' : `written before: ${before.map(({ path }) => path).join(', ')}`;
    throw writeFailure(
      `${change.path} could not be written (${reason}); ${done}`,
      'mend that and run the command again',
    );
  }
}

/** That something was not written, and what to do about it. */
export function writeFailure(message: string, fix: string): CliFailure {
  return new CliFailure(message, { exitCode: exitCodes.unexpected, code: 'not_written', fix });
}
