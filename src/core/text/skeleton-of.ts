/**
 * What a name looks like: two names with the same skeleton are hard to tell apart in most fonts. Covers letters of other alphabets that
 * look like Latin ones, wide and styled forms (by NFKC), and the digits and pairs that pass for letters; not the whole of Unicode TS 39.
 */
export function skeletonOf(name: string): string {
  const folded = name.normalize('NFKC').replaceAll(/[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu, '');
  return Array.from(folded, (letter) => lookalikes.get(letter) ?? letter)
    .join('')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w');
}

/** Whether a name mixes Latin letters with those of an alphabet that has letters like them. */
export function mixesAlphabets(name: string): boolean {
  return /\p{sc=Latin}/u.test(name) && /[\p{sc=Cyrillic}\p{sc=Greek}\p{sc=Armenian}\p{sc=Cherokee}]/u.test(name);
}

/** Each Latin letter, and what can stand for it. */
const pairs: readonly (readonly [letter: string, others: string])[] = [
  ['a', 'аαɑ'],
  ['b', 'Ьь'],
  ['c', 'сϲ'],
  ['d', 'ԁ'],
  ['e', 'еє'],
  ['g', 'ɡ'],
  ['h', 'һհ'],
  ['i', 'іι'],
  ['j', 'ј'],
  ['k', 'кκ'],
  ['l', '1I|ӏІΙı'],
  ['m', 'м'],
  ['n', 'ոη'],
  ['o', '0оοօ'],
  ['p', 'рρ'],
  ['q', 'ԛ'],
  ['r', 'г'],
  ['s', 'ѕ'],
  ['t', 'т'],
  ['u', 'υս'],
  ['v', 'ѵν'],
  ['w', 'ԝω'],
  ['x', 'хχ'],
  ['y', 'уγ'],
  ['A', 'АΑ'],
  ['B', 'ВΒ'],
  ['C', 'С'],
  ['E', 'ЕΕ'],
  ['H', 'НΗ'],
  ['K', 'КΚ'],
  ['M', 'МΜ'],
  ['N', 'Ν'],
  ['O', 'ОΟ'],
  ['P', 'РΡ'],
  ['S', 'Ѕ'],
  ['T', 'ТΤ'],
  ['X', 'ХΧ'],
  ['Y', 'УΥ'],
  ['Z', 'Ζ'],
];
const lookalikes = new Map(
  pairs.flatMap(([letter, others]) => Array.from(others, (other) => [other, letter] as const)),
);
