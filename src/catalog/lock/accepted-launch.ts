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

function coverArgument(arg: string, before: string | undefined): string {
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
