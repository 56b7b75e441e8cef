import { join } from 'node:path';
import { packageFile } from '../../lib/package-file.ts';
import { maxFileBytes } from '../load-policy.ts';
import { readText } from '../source/read-text.ts';

/** The text of a policy that ships with the package, by its reference `builtin:NAME`, to be the beginning of one's own. */
export async function readBuiltinPolicy(reference: string): Promise<string | undefined> {
  const folder = packageFile('config/policies');
  const name = reference.replace(/^builtin:/, '');
  if (!/^[a-z0-9-]+$/.test(name)) return undefined;
  const read = await readText(join(folder, `${name}.yaml`), maxFileBytes);
  if (!read.ok) return undefined;
  // The path in it is right where it stands, and nowhere else.
  return read.text.replace(/^# yaml-language-server:.*\n/, '');
}
