import type { Place } from '../../../core/place.ts';
import { isSecretName, maskSecrets } from '../../../core/text/mask-secrets.ts';
import type { Source } from '../../../config/source/source.ts';
import { serverTexts } from './server-texts.ts';
import type { ServerText } from './server-texts.ts';

/** A value that stands in the configuration and looks secret. The value itself is not here. */
export interface ClearSecret {
  server: string;
  /** The key that holds it, such as `env.GITHUB_TOKEN`, or `args` where only the place tells which. */
  key: string;
  /** The variable that could stand in its place. */
  variable: string;
  place: Place;
}

/** The secrets that somebody wrote into the configuration itself, where a variable should stand. */
export function findClearSecrets(source: Pick<Source, 'value' | 'placeOf'>): ClearSecret[] {
  const texts = serverTexts(source);
  return texts.flatMap((written, index): ClearSecret[] => {
    const { server, key, inner, path } = written;
    const named = nameOf(written, texts[index - 1]);
    if (!isClear(written, named)) return [];
    const shown = key === 'args' || inner === undefined ? key : `${key}.${inner}`;
    return [{ server, key: shown, variable: toVariable(server, named ?? inner), place: source.placeOf(path) }];
  });
}

/** What a text is called: by its key, by the flag that it stands behind, or by the flag that it begins with. */
function nameOf({ server, key, inner, text }: ServerText, before: ServerText | undefined): string | undefined {
  if (key === 'env' || key === 'headers' || key === 'auth') return inner;
  if (key !== 'args') return undefined;
  const [, own] = /^--?([A-Za-z][\w-]*)=/.exec(text) ?? [];
  if (own !== undefined) return own;
  const isBehind = before?.server === server && before.key === 'args' && !text.startsWith('-');
  const [, flag] = (isBehind && /^--?([A-Za-z][\w-]*)$/.exec(before.text)) || [];
  return flag;
}

function isClear({ key, text }: ServerText, named: string | undefined): boolean {
  const value = key === 'args' ? text.replace(/^--?[A-Za-z][\w-]*=/, '') : text;
  // What is not in the file itself is not in clear. A number or a switch is no secret, whatever it is called.
  if (value.includes('${') || value.length < minSecretChars || /^[\d.]+$/.test(value)) return false;
  if (key === 'auth' && named !== 'clientSecret') return false;
  if (key === 'url') return hasSecretParameter(value) || maskSecrets(value) !== value;
  const isPath = /^[~.]{0,2}\//.test(value);
  return (named !== undefined && isSecretName(named) && !isPath) || maskSecrets(value) !== value;
}

/** Shorter values are words and numbers (as where secrets are redacted). */
const minSecretChars = 6;

function hasSecretParameter(url: string): boolean {
  if (!URL.canParse(url)) return false;
  return [...new URL(url).searchParams].some(([name, value]) => value !== '' && isSecretName(name));
}

function toVariable(server: string, name: string | undefined): string {
  const word = name === undefined || /^\d+$/.test(name) || /^authorization$/i.test(name) ? `${server}_TOKEN` : name;
  return word.replaceAll(/[^A-Za-z0-9]+/g, '_').toUpperCase();
}
