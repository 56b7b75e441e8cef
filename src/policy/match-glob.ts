/**
 * Whether the whole of `name` matches `pattern`: `*` is any characters, `?` exactly one, everything else is itself; case-sensitive.
 * Tool names are not paths, so `*` also matches `/` and `.`; there are no braces, brackets or negation.
 * Walks both strings instead of building a RegExp: names come from upstreams, and no name may make the walk backtrack without bound.
 */
export function matchGlob(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  // Where to resume after the last star, should what follows it fail to match: the star takes one character more.
  let starAt = -1;
  let starEnd = 0;
  while (n < name.length) {
    const symbol = pattern[p];
    if (symbol === '*') {
      starAt = p++;
      starEnd = n;
    } else if (symbol === '?') {
      p++;
      n += widthAt(name, n);
    } else if (symbol !== undefined && symbol === name[n]) {
      p++;
      n++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      starEnd += widthAt(name, starEnd);
      n = starEnd;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Whether a pattern says more than one exact name. */
export function isGlob(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('?');
}

/** Characters outside the basic plane take two places in a string and are still one character. */
function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
