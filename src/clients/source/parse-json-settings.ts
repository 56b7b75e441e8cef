import { findNodeAtLocation, getNodeValue, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { ParseError } from 'jsonc-parser';
import type { ParsedSettings } from './parse-settings.ts';
import { createLineFinder } from './line-finder.ts';
import { toJsonValue } from './to-json-value.ts';

/** JSON with comments and trailing commas. Throws where it is nested too deeply. */
export function parseJsonSettings(text: string, file: string): ParsedSettings {
  const placeAt = createLineFinder(text, file);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  // A client does not take half a file either, and half of it could be the half without the denials.
  if (first !== undefined || root === undefined) {
    const what = first === undefined ? 'the file is empty' : describe(printParseErrorCode(first.error));
    return { ok: false, problem: { place: placeAt(first?.offset ?? 0), message: `is not valid JSON: ${what}` } };
  }
  return {
    ok: true,
    value: toJsonValue(getNodeValue(root)),
    placeOf: (path) => placeAt(findNodeAtLocation(root, [...path])?.offset ?? root.offset),
  };
}

/** `CommaExpected` as words. */
function describe(code: string): string {
  return code.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase();
}
