import type { ServerEntry } from '../../../clients/client.ts';
import { isSecretSetting, secretSpans } from './secret-spans.ts';
import type { SecretSpan } from './secret-spans.ts';

/** A value that was taken out of an entry. Never shown: only its name and what it is of are. */
export interface MovedSecret {
  variable: string;
  value: string;
  /** Such as `env GITHUB_TOKEN` or `args --api-key`. */
  of: string;
}

/** Names of variables and their values, of all servers. */
export interface Vault {
  /** The variable that stands for this value from now on. */
  keep(secret: { server: string; label: string; of: string; value: string }): string;
  moved(): readonly MovedSecret[];
}

/**
 * A vault for a configuration. A name that has another value already, here or in `environment`, which goes before any file of variables, is not
 * taken: the server would get that one.
 */
export function createVault(environment: Readonly<Record<string, string | undefined>>): Vault {
  const byVariable = new Map<string, MovedSecret>();
  const isFree = (variable: string, value: string): boolean =>
    (byVariable.get(variable)?.value ?? value) === value && (environment[variable] ?? value) === value;
  return {
    moved: () => [...byVariable.values()],
    keep({ server, label, of, value }) {
      const base = toVariable(server, label);
      let variable = base;
      for (let number = 2; !isFree(variable, value); number += 1) variable = `${base}_${number}`;
      if (!byVariable.has(variable)) byVariable.set(variable, { variable, value, of: `${server}: ${of}` });
      return variable;
    },
  };
}

type Launch = ServerEntry['launch'];

/** The launch with variables in the place of whatever looks secret in it; the values are in the vault. Variables that it has stay. */
export function moveSecrets(launch: Launch, { server, vault }: { server: string; vault: Vault }): Launch {
  const replace = (
    text: string,
    spans: readonly SecretSpan[],
    { of, label }: { of: string; label: string },
  ): string => {
    let written = '';
    let from = 0;
    for (const { start, end, label: own = label } of spans) {
      // In a text of a configuration `$${` is a plain `${`; in a file of variables nothing is.
      const value = text.slice(start, end).replaceAll('$${', '${');
      written += `${text.slice(from, start)}\${${vault.keep({ server, label: own, of, value })}}`;
      from = end;
    }
    return written + text.slice(from);
  };
  const setting = (kind: 'env' | 'headers', [name, text]: [string, string]): [string, string] => {
    const isSecret =
      isSecretSetting(name, text) || isOpaque(text) || (kind === 'headers' && isSecretHeader(name, text));
    const spans = isSecret ? wholeOf(text) : secretSpans(text);
    return [
      name,
      replace(
        text,
        spans.map(({ start, end }) => ({ start, end })),
        { of: `${kind} ${name}`, label: name },
      ),
    ];
  };
  const settings = (kind: 'env' | 'headers', texts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map((entry) => setting(kind, entry)));

  if ('url' in launch) {
    const { url, headers } = withoutUser(launch);
    return {
      ...launch,
      url: replace(url, secretSpans(url), { of: 'url', label: 'URL_SECRET' }),
      headers: settings('headers', headers),
    };
  }
  const args = launch.args.map((text, index) => {
    const flag = flagBefore(launch.args, index);
    const isValue = flag !== undefined && isSecretSetting(flag, text);
    const about = { of: flag === undefined ? 'args' : `args ${flag}`, label: flag ?? 'ARGUMENT' };
    return replace(text, isValue ? wholeOf(text) : secretSpans(text), about);
  });
  return { ...launch, args, env: settings('env', launch.env) };
}

/** One long word that is neither a path nor an address: a setting that people choose is shorter, or says what it is. */
function isOpaque(value: string): boolean {
  return /^[\w.+/=~:-]{20,}$/.test(value) && !/^(?:[~.]{0,2}\/|[A-Za-z]:[\\/])|:\/\//.test(value);
}

/** Headers are there to prove something more often than not: all but those that are known to be no secret, and single words. */
function isSecretHeader(name: string, value: string): boolean {
  return !plainHeaders.test(name) && value.length >= 8 && !/^[a-z]{1,12}$/.test(value);
}

const plainHeaders =
  /^(?:accept(?:-.*)?|content-type|user-agent|cache-control|origin|referer|.*-(?:version|region|client-name))$/i;

/** All of a text but the word that says how it is meant, and its variables. */
function wholeOf(text: string): SecretSpan[] {
  const scheme = /^(?:bearer|basic|token)\s+/i.exec(text)?.[0].length ?? 0;
  const spans: SecretSpan[] = [];
  let from = scheme;
  for (const { index, 0: variable } of text.matchAll(/(?<!\$)\$\{[^}]*\}?/g)) {
    if (index > from) spans.push({ start: from, end: index });
    from = Math.max(from, index + variable.length);
  }
  if (from < text.length) spans.push({ start: from, end: text.length });
  // A blank or a colon between two variables is no secret.
  return spans.filter(({ start, end }) => /\w/.test(text.slice(start, end)));
}

/** `--token` before a word that is its value. */
function flagBefore(args: readonly string[], index: number): string | undefined {
  const before = args[index - 1];
  return before !== undefined && /^--?[A-Za-z]/.test(before) && !before.includes('=') ? before : undefined;
}

/** A user in an address is not sent on: the header says the same. */
function withoutUser({ url, headers }: Extract<Launch, { url: string }>): {
  url: string;
  headers: Readonly<Record<string, string>>;
} {
  const [, scheme, user, rest] = /^(https?:\/\/)([^/?#@]*)@(.*)$/s.exec(url) ?? [];
  if (scheme === undefined || user === undefined || rest === undefined || user.includes('${')) return { url, headers };
  const [name = '', password = ''] = user.split(/:(.*)/s);
  const credentials = Buffer.from(`${decode(name)}:${decode(password)}`).toString('base64');
  const hasHeader = Object.keys(headers).some((header) => header.toLowerCase() === 'authorization');
  return { url: scheme + rest, headers: hasHeader ? headers : { ...headers, Authorization: `Basic ${credentials}` } };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `github` and `--api-key` are `GITHUB_API_KEY`. A name that says the server already does not say it twice. */
function toVariable(server: string, label: string): string {
  const words = (text: string): string =>
    text
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replaceAll(/[^A-Za-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .toUpperCase();
  const [prefix, name] = [words(server), words(label) || 'SECRET'];
  const whole = name === prefix || name.startsWith(`${prefix}_`) ? name : `${prefix}_${name}`;
  return /^\d/.test(whole) ? `_${whole}` : whole;
}
