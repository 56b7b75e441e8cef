import type { Launch } from '../../config/config.ts';

/** What stands in the place of a secret that the configuration holds as it is. */
const hidden = '(hidden)';

/**
 * A launch as the lock file has it, which others read: what the configuration writes, without secrets that stand there as they are rather
 * than as a variable. A guess by their names; that one of them has another value is not noticed, as with the environment.
 */
export function acceptedLaunch(launch: Launch): Launch {
  if ('url' in launch) return { ...launch, url: coverUrl(launch.url) };
  const args = launch.args.map((arg, index) => coverArgument(arg, launch.args[index - 1]));
  return { ...launch, args };
}

const secretName =
  /(?:token|secret|passw(?:or)?d|passphrase|api[-_]?key|access[-_]?key|private[-_]?key|credentials?)$/i;

/** Text for a shell or another interpreter: what follows a secret in it is run, and has to be compared. */
function isScript(arg: string, before: string | undefined): boolean {
  return /\s/.test(arg) || (before !== undefined && /^[-/][a-z]*c$/i.test(before));
}

/** The value ends where its word does; one that makes something run is no secret. */
function coverScript(text: string): string {
  return text.replaceAll(
    /(^|[\s;&|(])([\w-]+)=('[^']*'|"[^"$`]*"|[^\s;&|<>()'"$`]+)/g,
    (whole, mark: string, name: string) => (secretName.test(name) ? `${mark}${name}=${hidden}` : whole),
  );
}

/** What tells by its form that it is a secret. Names of packages and hosts have no capitals. */
function coverCredentials(text: string): string {
  return text
    .replaceAll(/\b(Bearer|Basic) {1,4}[\w.+/=~-]{8,}/gi, `$1 ${hidden}`)
    .replaceAll(/\b(?:gh[opsur]_|github_pat_|glpat-|xox[abeprs]-|sk-)(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{16,}/g, hidden);
}

function coverArgument(arg: string, before: string | undefined): string {
  return coverCredentials(coverNamed(arg, before));
}

function coverNamed(arg: string, before: string | undefined): string {
  if (isScript(arg, before)) return coverScript(arg);
  const [, name = '', value = ''] = /^([\w-]+)=(.*)$/s.exec(arg) ?? [];
  if (secretName.test(name)) return isLiteral(value) ? `${name}=${hidden}` : arg;
  const isValue = before !== undefined && /^--?[\w-]+$/.test(before) && secretName.test(before);
  if (isValue && !arg.startsWith('-') && isLiteral(arg)) return hidden;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(arg) ? coverUrl(arg) : arg;
}

/** By its form alone: with variables in it, it is no URL yet. */
function coverUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:)([^/?#@]+)@/i, (whole, start: string, password: string) =>
      isLiteral(password) ? `${start}${hidden}@` : whole,
    )
    .replaceAll(/([?&])([^=&#]+)=([^&#]*)/g, (whole, mark: string, name: string, value: string) =>
      secretName.test(name) && isLiteral(value) ? `${mark}${name}=${hidden}` : whole,
    );
}

function isLiteral(value: string): boolean {
  return value !== '' && !value.includes('${');
}
