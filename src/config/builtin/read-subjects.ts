import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '../../core/json.ts';
import type { JsonValue } from '../../core/json.ts';
import { packageFile } from '../../lib/package-file.ts';
import { maxFileBytes } from '../load-policy.ts';
import { parseSource } from '../source/parse-source.ts';
import { readText } from '../source/read-text.ts';
import type { Subject } from './match-subject.ts';

/** What every policy that ships with the package is for, by their names. One that cannot be read is passed over: it proposes nothing. */
export async function readSubjects(): Promise<Subject[]> {
  const folder = packageFile('config/policies');
  const names = (await readdir(folder)).flatMap((file) => /^(.+)\.yaml$/.exec(file)?.[1] ?? []).sort();
  return Promise.all(
    names.map(async (policy) => {
      const read = await readText(join(folder, `${policy}.yaml`), maxFileBytes);
      return toSubject(policy, read.ok ? parseSource(headOf(read.text), policy).source?.value : undefined);
    }),
  );
}

/** `for` stands near the top, and the rules below it are some hundred times its length. */
function headOf(text: string): string {
  const rules = /^(?:annotations|unannotated|read|write|destructive|tools):/m.exec(text);
  return rules === null ? text : text.slice(0, rules.index);
}

function toSubject(policy: string, value: JsonValue | undefined): Subject {
  const written = isJsonObject(value) ? value['for'] : undefined;
  const listOf = (key: string): string[] => {
    const list = isJsonObject(written) ? written[key] : undefined;
    return Array.isArray(list) ? list.filter((name) => typeof name === 'string') : [];
  };
  return { policy, npm: listOf('npm'), pypi: listOf('pypi'), image: listOf('image'), url: listOf('url') };
}
