import type { ClientId } from '../../clients/client.ts';
import type { Place, Problem } from '../../core/place.ts';

/** From the worst to the least. `problem`: it does not work. `warning`: it works otherwise than its user will think. `note`: good to know. */
export const levels = ['problem', 'warning', 'note'] as const;
export type Level = (typeof levels)[number];

/** What can be looked at, beside clients. */
export type Area = 'node' | 'configuration' | 'policies' | 'lock' | 'state' | 'ports' | 'secrets' | 'server';

/** One thing that the doctor has found. Holds nothing secret. */
export interface Finding {
  level: Level;
  /** A word for programs; it stays the same whatever becomes of the message. */
  code: string;
  about: Area | ClientId;
  /** The server of the configuration that it is about. */
  server?: string;
  place?: Place;
  /** What stands there. */
  written?: string;
  message: string;
  /** What mends it, as something that can be typed or written. */
  fix: string;
}

/** The findings in the order in which somebody should read them: the worst first, and otherwise as they came. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
}

/** The worst of these, or nothing where nothing was found. */
export function worstLevel(findings: readonly Pick<Finding, 'level'>[]): Level | undefined {
  return levels.find((level) => findings.some((finding) => finding.level === level));
}

/**
 * A problem of ours as a finding. Ours say what was found and, behind the last semicolon or in a second sentence, what would be right;
 * one that does not is mended by `fix`.
 */
export function toFinding(
  { place, key, message }: Problem,
  { fix, ...about }: Pick<Finding, 'level' | 'code' | 'about' | 'server' | 'fix'>,
): Finding {
  const cut = Math.max(message.lastIndexOf('; '), message.lastIndexOf('. '));
  const [found, mend] = cut > 0 ? [message.slice(0, cut), message.slice(cut + 2)] : [message, fix];
  return { ...about, ...(place && { place }), message: key === undefined ? found : `${key}: ${found}`, fix: mend };
}

/** Names, and how many more there are. */
export function listNames(names: readonly string[], limit = 10): string {
  const shown = names.slice(0, limit).join(', ');
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}
