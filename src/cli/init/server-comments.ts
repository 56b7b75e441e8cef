import { clientTitles } from '../../clients/client.ts';
import { maskSecrets } from '../../core/text/mask-secrets.ts';
import type { SeenServer } from './connect-servers.ts';
import type { DraftServer } from './draft.ts';

/** What stands above a server in a configuration that is proposed: where it is from, what is left out, why it is switched off. */
export function commentsOf(
  { found: { clients, entry }, flaws, enabled: isOn }: DraftServer,
  { seen, enabled = isOn }: { seen?: SeenServer | undefined; enabled?: boolean } = {},
): string[] {
  const titles = clients.map((client) => clientTitles[client]).join(', ');
  const failed =
    seen?.reached === false ? [`${enabled ? 'Not reached' : 'Switched off'}: ${toSentence(seen.reason)}`] : [];
  const isOffThere = !enabled && flaws.length === 0 && failed.length === 0;
  return [
    // One that was typed is from nowhere.
    ...(clients.length === 0 ? [] : [`From ${titles}.`]),
    ...entry.left.map(({ key, reason }) => `Not taken over: ${key}: ${toSentence(reason)}`),
    ...(flaws.length === 0 ? [] : [`Switched off: ${toSentence(flaws.join('; '))} Then remove enabled: false.`]),
    ...(isOffThere ? ['Switched off, as it is there.'] : []),
    ...failed,
  ];
}

/** What a server says of its failure is its own, and could hold anything. */
export function withoutSecrets(text: string): string {
  const masked = maskSecrets(text);
  return typeof masked === 'string' ? masked : '';
}

function toSentence(text: string): string {
  return `${withoutSecrets(text).trim().replace(/\.+$/, '')}.`;
}
