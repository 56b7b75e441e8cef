import type { JsonObject } from '../../core/json.ts';

/** Characters of all texts and names in a result, counted no further than a little beyond `limit`. Numbers and the like count one. */
export function countChars(result: JsonObject, limit: number): number {
  let count = 0;
  const open: unknown[] = [result];
  while (open.length > 0 && count <= limit) {
    const value = open.pop();
    if (typeof value === 'string') count += value.length;
    else if (typeof value !== 'object' || value === null) count++;
    else if (Array.isArray(value)) for (const element of value) open.push(element);
    else {
      for (const [name, field] of Object.entries(value)) {
        count += name.length;
        open.push(field);
      }
    }
  }
  return count;
}
