import { isSecretName } from '../../../core/text/mask-secrets.ts';
import { isHarmlessName } from './is-ordinary.ts';
import { jsonSpans } from './json-spans.ts';

/** Longer than any argument that a person has written. */
const maxReadChars = 16_000;

/** A part of a text that looks secret. */
export interface SecretSpan {
  start: number;
  end: number;
  /** What it is a value of, where the text says so: the name of a parameter, a header, a flag. */
  label?: string;
}

/**
 * Where a text holds secrets, by the names that stand before values and by the form of what is written; in order, and never across a
 * variable. A guess that errs on the side of secrecy: what is taken for one is kept elsewhere and means the same.
 */
export function secretSpans(text: string): SecretSpan[] {
  return spansOf(text, bySingleName);
}

/** The same of what a shell runs: there a name that stands first has one word for its value, and what follows is a command, which is to be seen. */
export function secretSpansOfShell(text: string): SecretSpan[] {
  return spansOf(text, byAssignments);
}

function spansOf(text: string, byName: (text: string) => SecretSpan[]): SecretSpan[] {
  // Nobody reads such a text to see what of it is secret, and looking takes the square of its length.
  if (text.length > maxReadChars) return aroundVariables(text, { start: 0, end: text.length });
  const found = [...byName(text), ...byScheme(text), ...byUrl(text), ...byFields(text), ...byForm(text)];
  const kept: SecretSpan[] = [];
  for (const span of found.flatMap((one) => aroundVariables(text, one)).sort((a, b) => a.start - b.start)) {
    const last = kept.at(-1);
    if (last === undefined || span.start >= last.end) kept.push(span);
    // What overlaps is one secret, of the name that was found first.
    else last.end = Math.max(last.end, span.end);
  }
  return kept;
}

/** Whether the value of a setting is secret, as far as the name of the setting tells. */
export function isSecretSetting(name: string, value: string): boolean {
  if (value === '' || isHarmlessName(name) || isPlainValue(name, value)) return false;
  return isSecretName(name) || (weakName.test(name) && value.length >= 8 && !value.startsWith('${'));
}

/** Whether a name may be that of a secret, and as well that of something else. */
export function isWeakName(name: string): boolean {
  return weakName.test(name);
}

/** Such names are as often those of a column or of a file. */
const weakName = /(?:^|[-_.])(?:key|keys|pat|dsn|sid|signature|sig)$|(?:pass|pwd)$/i;

/** Where one name stands before the rest: `--api-key=…`, `TOKEN=…`, `X-Api-Key: …`. The value is all that follows, whatever it holds. */
function bySingleName(text: string): SecretSpan[] {
  const [whole, name, value] = /^([\w.-]+)(?:=|:\s+)(?:(?:bearer|basic|token)\s+)?([^]+)$/i.exec(text) ?? [];
  if (whole === undefined || name === undefined || value === undefined || !isSecretSetting(name, value)) return [];
  return [{ start: whole.length - value.length, end: whole.length, label: name }];
}

/** `TOKEN=… npx server`, in quotes or without. */
function byAssignments(text: string): SecretSpan[] {
  const pattern = /(?<![\w.-])([\w.-]{1,100})=(?:"([^"]+)"|'([^']+)'|([^\s"';&|()<>]+))/dg;
  return [...text.matchAll(pattern)].flatMap((match) => {
    const [, name = '', double, single, bare] = match;
    const value = double ?? single ?? bare ?? '';
    const [start = 0, end = 0] = match.indices?.slice(2).find((found) => found !== undefined) ?? [];
    return isSecretSetting(name, value) ? [{ start, end, label: name }] : [];
  });
}

function byScheme(text: string): SecretSpan[] {
  return matches(text, /\b(?:bearer|basic)\s+([^\s"',}]{6,})/gi, 'TOKEN');
}

/**
 * A password in the address of something. One with a slash in it is not told from a path as safely, but for a number of a port. Who is
 * named alone before the host of a web address is a token, unless the name is as short as that of a person.
 */
function byUrl(text: string): SecretSpan[] {
  const plain = matches(text, /:\/\/[^\s/:@]{0,200}:([^\s/]{1,400})@/g, 'PASSWORD');
  const own = plain.length > 0 ? plain : matches(text, /:\/\/[^\s/:@]{0,200}:(?!\d+\/)(\S{1,400})@/g, 'PASSWORD');
  const alone = matches(text, /\bhttps?:\/\/([^\s/:@$]{12,400})@/gi, 'TOKEN');
  // Without a scheme, as some drivers and proxies have it: `root:…@tcp(db:3306)/x`. `npm:` names no person, and `@sha256:` a version.
  const bare =
    /(?<![^\s"'=])(?!(?:npm|jsr|git|file|mailto):)[\w.+-]{1,100}:([^\s/:@${}]{1,400})@(?!sha\d{3}:)(?=[A-Za-z0-9[(])/g;
  return [...own, ...alone, ...matches(text, bare, 'PASSWORD')];
}

/** Values behind names anywhere: parameters of an address, fields of JSON, words of a shell. */
function byNames(text: string): SecretSpan[] {
  // Values are looked at without being passed: in one there may be names again, as in an address.
  const pattern = /([\w.-]{1,100})["']?\s{0,4}[:=]\s{0,4}(?=["']?(?:(?:bearer|basic|token)\s+)?([^\s"',&;}]+))/dgi;
  return [...text.matchAll(pattern)].flatMap((match) => {
    const [, name = '', value = ''] = match;
    const [start, end] = match.indices?.[2] ?? [0, 0];
    // A bracket alone begins something of which each part is looked at.
    return /[^[{(]/.test(value) && isSecretSetting(name, value) ? [{ start, end, label: name }] : [];
  });
}

/** Flags of a command that is one text: `npx server --api-key "…"`. */
function byFlags(text: string): SecretSpan[] {
  const pattern = /(?<=\s)(--?[A-Za-z][\w-]{0,100})\s{1,4}(?:"([^"]+)"|'([^']+)'|([^\s"'-]\S*))/dg;
  return [...text.matchAll(pattern)].flatMap((match) => {
    const [, flag = '', double, single, bare] = match;
    const value = double ?? single ?? bare ?? '';
    const [start = 0, end = 0] = match.indices?.slice(2).find((found) => found !== undefined) ?? [];
    return isSecretSetting(flag, value) ? [{ start, end, label: flag }] : [];
  });
}

function byFields(text: string): SecretSpan[] {
  return [...byNames(text), ...jsonSpans(text, isSecretSetting), ...byFlags(text)];
}

// Tokens that tell what they are by how they begin, and JSON Web Tokens.
const credential =
  /(?<![\w-])(?:gh[opsur]_|github_pat_|glpat-|sk-|sk_live_|sk_test_|rk_live_|xox[abeprs]-|xapp-|npm_|ntn_|secret_|lin_api_|hf_|AKIA|ASIA|AIza)[\w-]{12,}|(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;
/** What is made by chance: long, of letters and digits. Not behind `sha256:`, `#` and `@`, where hashes say which version is meant. */
const random = /(?<!sha\d{3}:|[#@\w+=~-])[\w+=~-]{16,}/g;
const key = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*/g;
const base64 = /^(?=[^]*\d)(?=[^]*[A-Z])(?=[^]*[a-z])[A-Za-z0-9+/]{28,}={0,2}$/;

const uuid = /[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}/i;
/** `{"` in base64: settings, which hold keys more often than not. */
const encodedJson = /(?<![A-Za-z0-9+/])eyJ[A-Za-z0-9+/_-]{13,}={0,2}/g;

function byForm(text: string): SecretSpan[] {
  if (base64.test(text)) return [{ start: 0, end: text.length }];
  // Addresses have secrets in their paths, which may look like the number of something, or have marks between their letters.
  const at = text.indexOf('://');
  const isOfAddress = (word: string, index: number): boolean =>
    at >= 0 && index > at && (uuid.test(word) || isMixed(word));
  const words = [...text.matchAll(random)].filter(
    ({ 0: word, index }) => word.split(/[-_~]/).some(isRandom) || isOfAddress(word, index),
  );
  return [...text.matchAll(key), ...text.matchAll(credential), ...text.matchAll(encodedJson), ...words].map(
    ({ index, 0: { length } }) => ({
      start: index,
      end: index + length,
    }),
  );
}

function isMixed(word: string): boolean {
  return word.length >= 24 && /\d[^]*\d/.test(word) && /[A-Z]/.test(word) && /[a-z]/.test(word);
}

function isRandom(part: string): boolean {
  const digits = part.replaceAll(/\D/g, '').length;
  return part.length >= 16 && digits >= 2 && part.length - digits >= 4;
}

function matches(text: string, pattern: RegExp, label: string): SecretSpan[] {
  return [...text.matchAll(pattern)].map((match) => {
    const value = match[1] ?? '';
    const start = match.index + match[0].lastIndexOf(value);
    return { start, end: start + value.length, label };
  });
}

/** The pieces of a span between variables. What is escaped is none. */
function aroundVariables(text: string, { start, end, ...rest }: SecretSpan): SecretSpan[] {
  const pieces: SecretSpan[] = [];
  let from = start;
  for (const { index, 0: variable } of text.matchAll(/(?<!\$)\$\{[^}]*\}?/g)) {
    if (index >= end || index + variable.length <= start) continue;
    if (index > from) pieces.push({ start: from, end: index, ...rest });
    from = index + variable.length;
  }
  if (from < end) pieces.push({ start: from, end, ...rest });
  return pieces.filter((piece) => piece.end > piece.start);
}

const filePath = /^(?:~|\.{1,2}|[A-Za-z]:)?[\\/](?:[^\\/\0]+[\\/])*[^\\/\0]*$/;

/** Of a home, of the folder that is worked in, or of where systems have their files: what is made by chance begins otherwise. */
const usualPath = /^(?:(?:~|\.{1,2})[\\/]|\/(?:home|Users|etc|usr|var|opt|run|root|mnt|srv|tmp)\/)/;

/** A switch, a number of tokens, where a file is. */
function isPlainValue(name: string, value: string): boolean {
  if (/^(?:true|false|yes|no|on|off|none|null|oauth2?|bearer|basic|env|auto)$/i.test(value)) return true;
  if (/tokens|length|count|size|limit|budget|ttl|expir|timeout/i.test(name) && /^\d{1,9}(?:ms|s|m|h)?$/.test(value))
    return true;
  if (filePath.test(value)) {
    const isNamed = /path|file|dir|folder|credentials|location|socket|sock/i.test(name);
    return isNamed || usualPath.test(value) || /\.\w{1,5}$/.test(value);
  }
  // Of an address only the parts that look secret are.
  return /^https?:\/\//.test(value);
}
