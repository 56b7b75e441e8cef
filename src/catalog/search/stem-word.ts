/**
 * What several forms of an English word have in common: `deleting`, `deleted` and `deletes` are `delet`, `entries` is `entri` as `entry`
 * is. Lighter than stemmers for prose: names of tools are short, and words that only look alike must stay apart.
 */
export function stemWord(word: string): string {
  const plural = word.replace(/(ss|us|is)$|(?<=[a-z]{2}(?:ch|sh|x|z|ss))es$|(?<=[a-z]{3})s$/, '$1');
  const plain = plural.replace(/(?<=[a-z]*[aeiouy][a-z]*[a-z]{2})(?:ing|ed)$/, '');
  const single = plain === plural ? plain : plain.replace(/([bdgmnprt])\1$/, '$1');
  return single.length > 3 ? single.replace(/y$/, 'i').replace(/ie$/, 'i').replace(/e$/, '') : single;
}
