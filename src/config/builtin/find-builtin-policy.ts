import type { Launch } from '../config.ts';
import { launchedProgram } from './launched-program.ts';
import { matchSubject } from './match-subject.ts';
import type { Subject } from './match-subject.ts';
import { readSubjects } from './read-subjects.ts';

/** The package does not change while the program runs. */
let subjects: Promise<Subject[]> | undefined;

/**
 * The policy that ships with the package for the server that this starts or reaches, as `builtin:NAME`. Nothing where there is none,
 * or where the launch does not say which server it is.
 */
export async function findBuiltinPolicy(launch: Launch): Promise<string | undefined> {
  const program = launchedProgram(launch);
  if (program === undefined) return undefined;
  subjects ??= readSubjects();
  const policy = matchSubject(program, await subjects);
  return policy === undefined ? undefined : `builtin:${policy}`;
}
