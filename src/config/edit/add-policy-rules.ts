import { isScalar, isSeq } from 'yaml';
import { canonicalJson } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Rule } from '../policy.ts';
import { appendElements, fillKey, insertKey, quoteFor } from './insert-entry.ts';
import { openText, valueOf } from './open-text.ts';

/** A line for a list of a policy. */
export type PolicyLine = Pick<Rule, 'list' | 'pattern'>;

/**
 * The text of a policy with these lines added to its lists. Nothing else of it changes, comments and blanks included: the text that
 * comes out is read again, and holds what the old one held, and the lines. `file` is its name.
 */
export function addPolicyRules(
  text: string,
  { file, lines }: { file: string; lines: readonly PolicyLine[] },
): { ok: true; text: string } | { ok: false; reason: string } {
  const before = valueOf(text, file);
  if (before === undefined) return { ok: false, reason: 'is not valid; mend it first' };
  let edited: string | undefined = text;
  for (const list of new Set(lines.map((line) => line.list))) {
    const patterns = lines.filter((line) => line.list === list).map(({ pattern }) => pattern);
    edited = edited === undefined ? undefined : addToList(edited, { file, list, patterns });
  }
  const after = edited === undefined ? undefined : valueOf(edited, file);
  if (edited === undefined || after === undefined || canonicalJson(after) !== canonicalJson(withLines(before, lines))) {
    return { ok: false, reason: 'is written in a way that is not edited safely; add the lines by hand' };
  }
  return { ok: true, text: edited };
}

function addToList(
  text: string,
  { file, list, patterns }: { file: string; list: string; patterns: readonly string[] },
): string | undefined {
  const opened = openText(text, file);
  if (opened === undefined) return undefined;
  const elements = patterns.map((pattern) => quoteFor(opened, pattern));
  const whole = `[${elements.join(', ')}]`;
  const { root } = opened;
  const pair = root.items.find(({ key }) => isScalar(key) && key.value === list);
  if (pair === undefined) return insertKey(opened, { map: root, key: list, value: whole });
  if (isSeq(pair.value)) return appendElements(opened, { list: pair.value, elements });
  return isEmpty(pair.value) ? fillKey(opened, { key: pair.key, value: whole }) : undefined;
}

function isEmpty(value: unknown): boolean {
  return value === null || (isScalar(value) && value.value === null && (value.source ?? '') === '');
}

function withLines(value: JsonObject, lines: readonly PolicyLine[]): JsonObject {
  const extended: JsonObject = { ...value };
  for (const { list, pattern } of lines) {
    const patterns = extended[list];
    extended[list] = [...(Array.isArray(patterns) ? patterns : []), pattern];
  }
  return extended;
}
