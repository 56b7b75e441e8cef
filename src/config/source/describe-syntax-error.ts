import type { ErrorCode, YAMLError } from 'yaml';

/**
 * What is wrong with the text at a syntax error, and what would be right, in our words. Words of the text may be secrets,
 * so only signs and tags are quoted.
 */
export function describeSyntaxError(error: Pick<YAMLError, 'code' | 'pos' | 'message'>, text: string): string {
  const start = error.pos[0];
  const { code, message } = error;
  // Whatever the library makes of it: a tab is what cannot be seen there.
  if (isIndentedByTab(text, start)) return messages.TAB_AS_INDENT;
  if (code === 'UNEXPECTED_TOKEN' || code === 'BAD_SCALAR_START') {
    return text.slice(start - 1, start + 1).includes('\t') ? messages.TAB_AS_INDENT : describeSign(text.charAt(start));
  }
  if (code === 'MISSING_CHAR') return describeMissing(message);
  if (code === 'BAD_INDENT' && message.includes('end with a')) return openBracket;
  if (code === 'TAG_RESOLVE_FAILED') return describeTag(/^![\w!./:-]{0,40}/.exec(text.slice(start, start + 41))?.[0]);
  return messages[code];
}

/** Whether a place is where its line begins, and a tab is among what that is indented by. */
function isIndentedByTab(text: string, at: number): boolean {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  if (at - lineStart > maxIndent) return false;
  const before = text.slice(lineStart, at + 1);
  return before.slice(0, -1).trim() === '' && before.includes('\t');
}

/** The library finds as many errors as there are signs in broken text, some in one line of a million. */
const maxIndent = 1_000;

function describeSign(sign: string): string {
  if (sign.trim() === '') return 'something is missing before the end of this line; check quotes, brackets and colons';
  const found = /[\w\P{ASCII}]/u.test(sign) ? 'this text' : JSON.stringify(sign);
  return `${found} cannot stand here; check the quotes, brackets and indentation around it`;
}

function describeTag(tag: string | undefined): string {
  const found = tag === undefined ? 'this' : JSON.stringify(tag);
  return `${found} is an unknown tag; remove it, or put text that starts with ! in quotes`;
}

/** The library says only in its sentence what is missing. */
function describeMissing(sentence: string): string {
  if (sentence.includes('quote')) return 'a quote is missing; close the text with the quote that opened it';
  if (sentence.includes('map values')) return 'a colon is missing; write "key: value"';
  if (sentence.includes('without -')) return 'a dash is missing; write "- value"';
  if (/Missing ,|end with a/.test(sentence)) return openBracket;
  return 'a space is missing; put one after ":" and ",", and one before "#"';
}

const openBracket = 'a comma or bracket is missing; separate entries with commas, and close every [ and {';
const indentation = 'is indented unlike its neighbours; start all keys of a mapping in the same column';
const oneLineKey = 'a key must be text on one line, followed by ": "; check for a missing colon or a missing quote';

const messages: Record<ErrorCode, string> = {
  ALIAS_PROPS: 'an alias (*name) cannot carry an anchor or a tag; remove it',
  BAD_ALIAS: 'the alias (*name) is not written right; put text that starts with * in quotes',
  BAD_COLLECTION_TYPE: 'the tag does not fit what follows it; remove the tag',
  BAD_DIRECTIVE: 'a line that starts with % is not understood here; put it in quotes or remove it',
  BAD_DQ_ESCAPE: 'has an unknown escape after a backslash; write \\\\ for a backslash, or use single quotes',
  BAD_INDENT: indentation,
  BAD_PROP_ORDER: 'an anchor or tag stands on the wrong side; put it directly before its value',
  BAD_SCALAR_START: 'text that starts with this sign needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'holds a second "key: value" in one line; start a new line, or put the text in quotes',
  BLOCK_IN_FLOW: openBracket,
  DUPLICATE_KEY: 'this key stands here twice; keep one',
  IMPOSSIBLE: 'this cannot be read; check the lines before it',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters; shorten it, or check for a missing quote',
  MISSING_CHAR: 'a sign is missing; check quotes, brackets and colons',
  MULTILINE_IMPLICIT_KEY: oneLineKey,
  MULTIPLE_ANCHORS: 'a value can have one anchor; remove the others',
  MULTIPLE_DOCS: 'begins another document; keep one',
  MULTIPLE_TAGS: 'a value can have one tag; remove the others',
  NON_STRING_KEY: oneLineKey,
  RESOURCE_EXHAUSTION: 'is nested too deeply; make it flatter',
  TAB_AS_INDENT: 'a tab is used for indentation; use spaces',
  TAG_RESOLVE_FAILED: 'has an unknown tag; remove it',
  UNEXPECTED_TOKEN: 'cannot stand here; check the lines before it',
};
