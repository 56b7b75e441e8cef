import { suggest } from '../../config/schema/suggest.ts';
import { statuses } from '../../core/outcome.ts';

/** What `log --status` takes: every status of a call in the journal, and `unknown` for those whose effect is. */
export const loggedStatuses = [
  ...statuses.filter((status) => status !== 'pending'),
  'running',
  'interrupted',
  'unknown',
] as const;
export type LoggedStatus = (typeof loggedStatuses)[number];

/** A list with commas between; for a word that is no status, what would be right. */
export function parseStatusList(written: string): { statuses: LoggedStatus[] } | { problem: string } {
  const found: LoggedStatus[] = [];
  for (const word of written.split(',').map((part) => part.trim())) {
    const status = loggedStatuses.find((known) => known === word);
    if (status === undefined) {
      const near = suggest(word, loggedStatuses);
      const mend = near === undefined ? '' : `did you mean ${near}? `;
      return { problem: `"${word}" is no status; ${mend}There are ${loggedStatuses.join(', ')}` };
    }
    found.push(status);
  }
  return { statuses: found };
}
