import type { LockRule, Policy } from '../../config/policy.ts';
import type { JsonValue } from '../../core/json.ts';

// A deeper path is locked at this ancestor: coarser, never wrong, and no caller can make a key tree of any size.
const maxSegments = 64;

/**
 * The segments below the domain that name the resource which an argument's value stands for, or `undefined` where the value does
 * not say (it is missing, is filled by a reference, is no string or number, or cannot be parsed): then everything in the domain is meant.
 */
export function segmentsOfValue(
  value: JsonValue | undefined,
  { type, policy }: { type: LockRule['type']; policy: Policy },
): readonly string[] | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value);
  // Opaque: 42 and "42" are one resource, "a/b" is not below "a".
  if (type === 'id') return [text];
  const segments = type === 'url' ? segmentsOfUrl(text) : segmentsOfPath(text, policy);
  return segments?.slice(0, maxSegments);
}

/**
 * An absolute path as segments from `/` (or the drive), so that a file lies below its directory and `/` itself is the whole domain.
 * Both slashes separate and Unicode is composed; where systems disagree, this errs towards calling two names the same file.
 * Purely textual: it does not see symbolic links.
 */
function segmentsOfPath(text: string, policy: Policy): string[] | undefined {
  const path = /^file:\//i.test(text) ? pathOfFileUrl(text) : text;
  // `~` and a drive without a slash depend on who resolves them; an empty path on what the tool makes of it.
  if (path === undefined || path === '' || path.startsWith('~') || /^[a-z]:(?![\\/]|$)/i.test(path)) return undefined;
  if (/^[a-z]:/i.test(path) || /^[\\/]{2}/.test(path)) return fold(walk([], path), policy);
  // On a machine with drives, a single leading slash is the root of the drive at hand.
  const start = /^[\\/]/.test(path) ? driveOf(policy.base) : walk([], policy.base);
  return fold(walk(start, path), policy);
}

/** Follows a path from a directory; `..` never leaves the root or the drive. */
function walk(start: readonly string[], path: string): string[] {
  const segments = [...start];
  for (const segment of path.split(/[\\/]/)) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.length > 1 || !isDrive(segments[0])) segments.pop();
  }
  return segments;
}

function fold(segments: readonly string[], policy: Policy): string[] {
  return segments.map((segment) => {
    if (isDrive(segment)) return segment.toUpperCase();
    const composed = segment.normalize('NFC');
    // Up, then down: letters that fold in one direction only (ſ, ẞ) meet as well.
    return policy.foldCase ? composed.toUpperCase().toLowerCase().normalize('NFC') : composed;
  });
}

function driveOf(path: string): string[] {
  const [drive] = /^[a-z]:/i.exec(path) ?? [];
  return drive === undefined ? [] : [drive];
}

function isDrive(segment: string | undefined): boolean {
  return segment !== undefined && /^[a-z]:$/i.test(segment);
}

function pathOfFileUrl(text: string): string | undefined {
  const url = parseUrl(text);
  const path = url && decode(url.pathname);
  if (url === undefined || path === undefined) return undefined;
  if (url.host !== '') return `//${url.host}${path}`;
  return path.replace(/^\/(?=[a-z]:(?:\/|$))/i, '');
}

/** Origin, then the path. Credentials, query and fragment do not name another resource, and must not show in a plan. */
function segmentsOfUrl(text: string): string[] | undefined {
  const url = parseUrl(text);
  if (url === undefined) return undefined;
  const host = url.host.replace(/\.(?=:|$)/, '');
  const path = url.pathname.split('/').filter((segment) => segment !== '');
  return [`${url.protocol}//${host}`, ...path.map((segment) => decode(segment) ?? segment)];
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
