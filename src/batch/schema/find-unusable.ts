import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { createPatternBook } from './pattern-book.ts';
import { createSchemaDocument, ofValues } from './schema-document.ts';

/**
 * The first part of a schema that no check could use, in words: a pattern, a reference. For schemas of our own configuration, which are
 * to be right as a whole; one from a server is used as far as it goes.
 */
export function findUnusable(root: JsonObject): string | undefined {
  const document = createSchemaDocument(root);
  const patterns = createPatternBook();
  const hasTime = (): boolean => true;
  const findIn = (part: JsonValue | undefined): string | undefined => {
    if (typeof part !== 'object' || part === null) return undefined;
    if (isJsonObject(part)) {
      const { pattern, patternProperties, $ref } = part;
      const named = isJsonObject(patternProperties) ? Object.keys(patternProperties) : [];
      const sources = typeof pattern === 'string' ? [pattern, ...named] : named;
      const tried = [
        ...sources.map((source) => patterns(source, hasTime)),
        ...(typeof $ref === 'string' ? [document.resolve($ref, hasTime)] : []),
      ];
      const problem = tried.find((one) => !one.ok);
      if (problem?.ok === false) return problem.reason;
    }
    for (const [key, child] of Object.entries(part)) {
      const found = ofValues.has(key) ? undefined : findIn(child);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return findIn(root);
}
