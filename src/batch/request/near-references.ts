import { isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { nearestNames } from '../../policy/nearest-names.ts';
import { slashPath } from '../references/json-pointer.ts';
import { maxTemplateChars } from '../references/scan-references.ts';
import type { Suspect } from '../references/scan-references.ts';
import { quote } from '../input/field-problems.ts';

/** What a template could name. */
interface Names {
  isEarlier: (id: string) => boolean;
  /** The call has `forEach`, and so an element. */
  isEach: boolean;
}

// Enough to mend a call by.
const maxFound = 5;

/**
 * Which of the suspects were meant as references, so that sending them as they stand would do something that nobody asked for. A
 * `problem` is one that is certain: a whole text in the form of a template that names an earlier call or the element, or a key a letter
 * away from one of ours. A template inside a longer text may be part of a file that is to hold it: that is a `warning`.
 */
export function findNearReferences(
  suspects: readonly Suspect[],
  names: Names,
): { problems: readonly string[]; warnings: readonly string[] } {
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const { at, value } of suspects) {
    if (problems.length >= maxFound) break;
    const place = at === '' ? 'the arguments' : at;
    const meant = isJsonObject(value) ? meantByObject(value, names) : meantByText(value, names);
    if (meant !== undefined) {
      const literal = '{ "$literal": … } around it if that is meant';
      problems.push(
        `${place}: ${describe(value)} is no reference and would be sent as it stands; write ${meant}, or ${literal}`,
      );
    } else if (typeof value === 'string' && warnings.length < maxFound) {
      const inside = templateInside(value, names);
      if (inside === undefined) continue;
      const mend = `{ "$concat": ["…", ${inside.meant}, "…"] }`;
      warnings.push(`${place} holds ${quote(inside.template)}, sent as it stands; if a value was meant, write ${mend}`);
    }
  }
  return { problems, warnings };
}

// Braces inside would be those of another template.
const template = /\$?\{\{([^{}]{0,200})\}\}|\$\{([^{}]{0,200})\}/g;
const wholeTemplate = /^(?:\$?\{\{([^{}]*)\}\}|\$\{([^{}]*)\}|\$(result[.[].*|[A-Za-z]\S*))$/;
// In a file of a program, `${item}` is a loop's own: only a text that is nothing else counts.
const itemTemplate = /^(?:\$|\$?\{\{\$?|\$\{\$?)item(?:[.[][^\s{}]*)?\}{0,2}$/;

/** What should stand in place of a whole text, where that is certain. */
function meantByText(text: string, names: Names): string | undefined {
  if (text.length > maxTemplateChars || /[\r\n]/.test(text)) return undefined;
  const trimmed = text.trim();
  const [, inDouble, inSingle, bare] = wholeTemplate.exec(trimmed) ?? [];
  const inner = inDouble ?? inSingle ?? bare;
  if (inner === undefined) return undefined;
  const isItem = names.isEach && itemTemplate.test(text);
  return meantByTemplate(inner, { isEarlier: names.isEarlier, isEach: isItem, isMarked: bare !== undefined });
}

/** The first template in a text that names something. One of an element counts in a line only, and not in a file. */
function templateInside(text: string, names: Names): { template: string; meant: string } | undefined {
  const isEach = names.isEach && text.length <= maxTemplateChars && !/[\r\n]/.test(text);
  for (const [whole, inDouble, inSingle] of text.matchAll(template)) {
    const meant = meantByTemplate(inDouble ?? inSingle ?? '', { isEarlier: names.isEarlier, isEach, isMarked: false });
    if (meant !== undefined) return { template: whole, meant };
  }
  return undefined;
}

/** What the inside of a template names: `c0.items[0]`, `$c0.items`, `$result.c0.items`, `item.name`. `isMarked`: a `$` stood before it. */
function meantByTemplate(inner: string, names: Names & { isMarked: boolean }): string | undefined {
  const isMarked = names.isMarked || /^\s*\$/.test(inner);
  // A filter behind the name, as template languages have them, is no part of the path.
  const [path = ''] = /^[^\s|]*/.exec(inner.trim().replace(/^\$/, '')) ?? [];
  const [, item] = /^item($|[.[].*$)/.exec(path) ?? [];
  if (names.isEach && item !== undefined) return `{ "$item": ${JSON.stringify(slashPath(item))} }`;
  const [, behind] = /^results?[.[]["']?(.*)$/.exec(path) ?? [];
  const meant = referenceTo(path, names) ?? (behind === undefined ? undefined : referenceTo(behind, names));
  if (meant !== undefined) return meant;
  return isMarked && /^result[.[]/.test(path) ? '{ "$result": "ID of an earlier call", "path": "/…" }' : undefined;
}

/** The reference that `c0`, `c0.items[0]` or `c0["items"]` would be, where there is such a call. */
function referenceTo(path: string, { isEarlier }: Names): string | undefined {
  const [, id, inside] = /^([A-Za-z][\w-]{0,63})((?:["']?\])?(?:$|[.[].*$))/.exec(path) ?? [];
  if (id === undefined || inside === undefined || !isEarlier(id)) return undefined;
  const pointer = slashPath(inside.replace(/^["']?\]/, ''));
  return `{ "$result": ${JSON.stringify(id)}${pointer === '' ? '' : `, "path": ${JSON.stringify(pointer)}`} }`;
}

const fieldsOfReference = new Set(['path', 'view', 'default']);
// Far more letters than two changes make of a key of ours.
const maxKeyChars = 10;

/** What should stand in place of an object whose one key with a `$` is nearly one of ours, and whose value would suit that. */
function meantByObject(value: JsonObject, names: Names): string | undefined {
  const keys = Object.keys(value);
  const [key = '', ...others] = keys.filter((name) => name.startsWith('$'));
  const rest = keys.filter((name) => name !== key);
  if (others.length > 0 || key.length > maxKeyChars || rest.some((name) => !fieldsOfReference.has(name))) {
    return undefined;
  }
  const found = value[key];
  if (key === '$ref') return typeof found === 'string' ? referenceTo(found, names) : undefined;
  const [near] = nearestNames(key, ['$result', '$item', '$concat', '$literal'], 1);
  if (near === undefined) return undefined;
  if (near === '$result') {
    if (typeof found !== 'string') return undefined;
    return rest.length > 0 ? '"$result" for its key' : (referenceTo(found, names) ?? '"$result" for its key');
  }
  if (rest.length > 0) return undefined;
  // `$lte` and its like are two letters away: only what could be a pointer is taken for one.
  if (near === '$item' && (!names.isEach || typeof found !== 'string' || !/^(?:$|\/)/.test(found))) return undefined;
  if (near === '$concat' && !Array.isArray(found)) return undefined;
  return `${quote(near)} for its key`;
}

function describe(value: string | JsonObject): string {
  if (typeof value === 'string') return quote(value);
  return quote(Object.keys(value).find((key) => key.startsWith('$')));
}
