import type { ClientId } from '../../clients/client.ts';
import { clientTitles } from '../../clients/client.ts';
import type { Scope } from '../../clients/registration/registration.ts';
import { plainText } from '../terminal/plain-text.ts';

/** What became of one client's file, for people and for programs. */
export interface Result {
  client: ClientId;
  path: string;
  scope: Scope;
  /** `planned` is that of a dry run. */
  status: 'registered' | 'renewed' | 'unchanged' | 'planned' | 'restored' | 'removed' | 'absent' | 'failed';
  by?: 'command' | 'edit';
  switchedOff?: readonly string[];
  /** Where the file of before is kept. */
  backup?: string;
  /** Why it failed. */
  reason?: string;
  fix?: string;
  notes: readonly string[];
}

const words: Record<Result['status'], string> = {
  registered: 'registered',
  renewed: 'registered anew',
  unchanged: 'already registered',
  planned: 'would be changed',
  restored: 'as it was before',
  removed: 'taken out; what has changed since stays',
  absent: 'not registered',
  failed: 'failed',
};

export function renderResults(results: readonly Result[]): string[] {
  return results.flatMap(renderResult).map((line) => plainText(line.replaceAll('\n', ' ')));
}

function renderResult({ client, path, status, by, switchedOff = [], backup, reason, fix, notes }: Result): string[] {
  const how = by === 'command' ? ', by its own command' : '';
  const why = reason === undefined ? '' : `: it ${reason}; ${fix ?? ''}`;
  return [
    `${clientTitles[client]} (${path}): ${words[status]}${how}${why}`,
    ...(switchedOff.length > 0 ? [`  switched off, since mcp-marshal has them: ${switchedOff.join(', ')}`] : []),
    ...(backup === undefined ? [] : [`  the file of before: ${backup}`]),
    ...notes.map((note) => `  note: ${note}`),
  ];
}
