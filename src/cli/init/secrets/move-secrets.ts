import type { ServerEntry } from '../../../clients/client.ts';
import { isSecretName } from '../../../core/text/mask-secrets.ts';
import { isFlag, isIdentifier, isNameLike, isReadable } from './is-ordinary.ts';
import { moveDefaults } from './move-defaults.ts';
import { isSecretSetting, isWeakName, secretSpans, secretSpansOfShell } from './secret-spans.ts';
import type { SecretSpan } from './secret-spans.ts';
import type { Vault } from './vault.ts';
import { withoutUser } from './without-user.ts';

type Launch = ServerEntry['launch'];

/** The launch with variables in the place of whatever looks secret in it; the values are in the vault. Variables that it has stay. */
export function moveSecrets(launch: Launch, { server, vault }: { server: string; vault: Vault }): Launch {
  const replace = (
    written: string,
    judge: (text: string) => readonly SecretSpan[],
    { of, label }: { of: string; label: string },
  ): string => {
    const text = moveDefaults(written, judge, (variable, value) =>
      vault.keepDefault(variable, { server, label: variable, of, value }),
    );
    let left = '';
    let from = 0;
    for (const { start, end, label: own = label } of judge(text)) {
      // In a text of a configuration `$${` is a plain `${`; in a file of variables nothing is.
      const value = text.slice(start, end).replaceAll('$${', '${');
      left += `${text.slice(from, start)}\${${vault.keep({ server, label: own, of, value })}}`;
      from = end;
    }
    return left + text.slice(from);
  };
  const setting = (kind: 'env' | 'headers', [name, text]: [string, string]): [string, string] => {
    const judge = (value: string): SecretSpan[] => {
      const isSecret =
        isSecretSetting(name, value) ||
        (kind === 'headers' ? isSecretHeader(name, value) || isOpaque(value) : isUnreadable(name, value));
      if (kind === 'env' && isIdentifier(name, value) && !isSecret) return [];
      return (isSecret ? wholeOf(value) : secretSpans(value)).map(({ start, end }) => ({ start, end }));
    };
    return [name, replace(text, judge, { of: `${kind} ${name}`, label: name })];
  };
  const settings = (kind: 'env' | 'headers', texts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map((entry) => setting(kind, entry)));

  if ('url' in launch) {
    const { url, headers } = withoutUser(launch);
    return {
      ...launch,
      url: replace(url, secretSpans, { of: 'url', label: 'URL_SECRET' }),
      headers: settings('headers', headers),
    };
  }
  const args = launch.args.map((text, index) => {
    const flag = flagBefore(launch.args, index);
    // What is glued to a flag is not named, wherever the flag is.
    const isNamed = flag !== undefined && !isGlued(flag);
    const about = { of: isNamed ? `args ${flag}` : 'args', label: isNamed ? flag : 'ARGUMENT' };
    const own = { isPassword: isMysqlStyle(launch.args), isRunners: isOfRunner(launch, index) };
    const judge = (value: string): SecretSpan[] =>
      flag === undefined || isGlued(value) ? spansOfWord(value, own) : spansBehind(flag, { value, launch, ...own });
    return replace(text, judge, about);
  });
  // Some clients have the arguments in the same text.
  const command = /\s/.test(launch.command)
    ? replace(launch.command, secretSpans, { of: 'command', label: 'COMMAND' })
    : launch.command;
  return { ...launch, command, args, env: settings('env', launch.env) };
}

/** What is secret in a word that stands by itself. */
function spansOfWord(word: string, { isPassword }: { isPassword: boolean }): SecretSpan[] {
  if (isGlued(word) || (isPassword && /^-p(?!\d{1,5}$)./.test(word)))
    return [{ start: 2, end: word.length, label: word.slice(0, 2) }];
  const [, user] = /^(-u[A-Za-z][^\s:/$]*:)(?!\d+$)\S+$/.exec(word) ?? [];
  if (user !== undefined) return [{ start: user.length, end: word.length, label: 'PASSWORD' }];
  const [, name, value] = /^(--?[\w-]+)=(.+)$/.exec(word) ?? [];
  return name !== undefined && value !== undefined && isIdentifier(name, value) ? [] : secretSpans(word);
}

/** `-pSECRET`, a flag of one letter with its value, and not `-password` or `-user-token`, which is a flag of several words. */
function isGlued(word: string): boolean {
  const [, value] = /^-[kpt]([^-].*)$/.exec(word) ?? [];
  if (value === undefined || /^[a-z\d]+(?:-[a-z\d]+)+$/.test(value)) return false;
  return isMixed(value) || isSecretName(value);
}

/** `-uroot` says that `-p` is what it is to MySQL's programs: a password, in whatever form. */
function isMysqlStyle(args: readonly string[]): boolean {
  return args.some((word) => /^-u[A-Za-z]\w*$/.test(word));
}

/** A flag of `npx`, `uvx` and the like, before the first word that is none: it names a package, a file, a version of Python. */
function isOfRunner({ command, args }: Extract<Launch, { command: string }>, index: number): boolean {
  if (!/(?:^|[\\/])(?:npx|bunx|pnpx|uvx|node|tsx|deno|python[\d.]*|py)(?:\.\w+)?$/i.test(command)) return false;
  const named = /^(?:-p|--package|--python|--from|--with|--with-editable|--index-url|--registry)$/;
  return args.slice(0, index).every((word, at) => word.startsWith('-') || named.test(args[at - 1] ?? ''));
}

/** Of a flag of one letter nobody knows what it stands for; a value such as a port, a word, a path or the name of something is no secret. */
function isMixed(value: string): boolean {
  return /^(?=\D*\d)(?=.*[A-Za-z])[^\s/\\:=$]{8,}$/.test(value) && !isNameLike(value);
}

/** What is secret in the value of a flag. */
function spansBehind(
  flag: string,
  {
    value,
    launch: { command },
    isPassword,
    isRunners,
  }: { value: string; launch: { command: string }; isPassword: boolean; isRunners: boolean },
): SecretSpan[] {
  if (isFlag(value)) return spansOfWord(value, { isPassword });
  if (/^-[a-z]?c$/.test(flag)) return secretSpansOfShell(value);
  if (isSecretSetting(flag, value)) return wholeOf(value);
  if (isIdentifier(flag, value)) return [];
  const isLetter = flag === '-p' ? !isRunners : /^-[kt]$/.test(flag);
  if (isLetter && isMixed(value)) return wholeOf(value);
  const [, name, text] = (/^(?:-H|--headers?)$/.test(flag) && /^([\w-]+):\s*([^]+)$/.exec(value)) || [];
  if (name !== undefined && text !== undefined && (isSecretSetting(name, text) || isSecretHeader(name, text))) {
    const start = value.length - text.length;
    return wholeOf(text).map((span) => ({ start: start + span.start, end: start + span.end, label: name }));
  }
  // There it is the group.
  const hasGroup = /(?:^|[\\/])(?:docker|podman)$/.test(command) && /^[a-z_][\w-]*:[a-z_][\w-]*$/.test(value);
  const [, user] = (/^(?:-u|--user)$/.test(flag) && /^([^\s:/$]+:)(?!\d+$)\S+$/.exec(value)) || [];
  if (user === undefined || hasGroup) return secretSpans(value);
  return [{ start: user.length, end: value.length, label: 'PASSWORD' }];
}

/** As long as what is made by chance, and neither a number of something nor made of words. */
function isUnreadable(name: string, value: string): boolean {
  return isOpaque(value) && !isIdentifier(name, value) && !isReadable(value);
}

/** One long word that is neither a path nor an address: a setting that people choose is shorter, or says what it is. */
function isOpaque(value: string): boolean {
  return /^[\w.+/=~:-]{20,}$/.test(value) && !/^(?:[~.]{0,2}\/|[A-Za-z]:[\\/])|:\/\//.test(value);
}

/** Headers are there to prove something more often than not: all but those that are known to be no secret, and single words. */
function isSecretHeader(name: string, value: string): boolean {
  if (plainHeaders.test(name)) return false;
  return isWeakName(name) || (value.length >= 8 && !/^[a-z]{1,12}$/.test(value));
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
  const isFlag = before !== undefined && /^--?[A-Za-z]/.test(before) && !before.includes('=');
  // `-pSecret1` has its value; `-pSecret` may as well be a name, such as `-userToken`, so that both are taken for secrets.
  return isFlag && !(isGlued(before) && isMixed(before.slice(2))) ? before : undefined;
}
