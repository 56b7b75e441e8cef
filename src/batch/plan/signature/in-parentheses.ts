/** A type that something stands behind: of `{ a: string } | { b: string }[]` nobody could tell what is a list. */
export function inParentheses(type: string): string {
  return !type.includes(' ') || isOneObject(type) ? type : `(${type})`;
}

/** The fields of an object by themselves; any other type as it is. */
export function withoutBraces(type: string): string {
  return isOneObject(type) ? type.slice('{ '.length, -' }'.length) : type;
}

function isOneObject(type: string): boolean {
  const braces = type.replaceAll(/"(?:[^"\\]|\\.)*"|[^{}]/g, (found) => (found.startsWith('"') ? '"' : ' '));
  let depth = 0;
  for (let at = 0; at < braces.length; at++) {
    if (braces[at] === '{') depth += 1;
    else if (braces[at] === '}') depth -= 1;
    if (depth === 0) return at > 0 && at === braces.length - 1;
  }
  return false;
}
