import type { JsonObject } from '../../core/json.ts';
import { nearestNames } from '../../policy/nearest-names.ts';
import { quote } from '../input/field-problems.ts';
import { escapeToken, slashPath } from '../references/json-pointer.ts';
import { maxTemplateChars, scanReferences } from '../references/scan-references.ts';

// Enough to mend a call by.
const maxFound = 5;

/**
 * What was surely meant as `$param` and would be sent as it stands, each with its place and the mend: a whole text in the form of a
 * template that names a declared parameter, or an object whose one key with a `$` is a letter away. A template inside a longer text may
 * be part of what the recipe writes, and is passed over.
 */
export function findNearParameters(args: JsonObject, names: readonly string[]): string[] {
  const { suspects } = scanReferences(args, { item: true, param: true });
  const found = suspects.flatMap(({ at, value }) => {
    const said = typeof value === 'string' ? sayOfText(value, names) : sayOfObject(value);
    return said === undefined ? [] : [`${at === '' ? 'the arguments' : at}: ${said}`];
  });
  return found.slice(0, maxFound);
}

const template = /^(?:\$?\{\{([^{}]*)\}\}|\$\{([^{}]*)\}|\$([A-Za-z_]\S*))$/;

function sayOfText(text: string, names: readonly string[]): string | undefined {
  if (text.length > maxTemplateChars) return undefined;
  const [, inDouble, inSingle, bare] = template.exec(text.trim()) ?? [];
  // A filter behind the name, as template languages have them, is no part of the path.
  const [path = ''] = /^[^\s|]*/.exec((inDouble ?? inSingle ?? bare ?? '').trim().replace(/^\$/, '')) ?? [];
  const pointer = pointerOf(path, names) ?? pointerOf(path.replace(/^(?:params?|parameters)[.]/, ''), names);
  if (pointer === undefined) return undefined;
  return `${quote(text)} is no parameter and would be sent as it stands; write { $param: ${pointer} }, or { $literal: … } around it if that is meant`;
}

function pointerOf(path: string, names: readonly string[]): string | undefined {
  const [name = ''] = /^[^.[]*/.exec(path) ?? [];
  return names.includes(name) ? `/${escapeToken(name)}${slashPath(path.slice(name.length))}` : undefined;
}

function sayOfObject(value: JsonObject): string | undefined {
  const keys = Object.keys(value);
  const [key = '', ...others] = keys.filter((name) => name.startsWith('$'));
  if (others.length > 0 || keys.some((name) => name !== key && name !== 'default')) return undefined;
  const found = value[key];
  // Operators of query languages are two letters away: only what could be a pointer is taken for one.
  if (typeof found !== 'string' || !/^(?:$|\/)/.test(found)) return undefined;
  if (nearestNames(key, ['$param'], 1).length === 0) return undefined;
  return `${quote(key)} is no parameter and would be sent as it stands; did you mean $param?`;
}
