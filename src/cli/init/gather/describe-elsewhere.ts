import { formatCounted } from '../../../batch/reply/format-amount.ts';
import { clientTitles } from '../../../clients/client.ts';
import type { ElsewhereServer } from '../../../clients/client.ts';

/** Of the folders; whoever has more knows where they are. */
const maxFolders = 3;

/** What a client has in other folders, one line for each client, with the command that takes it over from there. */
export function describeElsewhere(
  elsewhere: readonly ElsewhereServer[] = [],
  command: 'init' | 'import' = 'import',
): string[] {
  return [...new Set(elsewhere.map(({ client }) => client))].map((client) => {
    const own = elsewhere.filter((one) => one.client === client);
    const folders = [...new Set(own.map(({ folder }) => folder))];
    const more = folders.length > maxFolders ? ` and ${folders.length - maxFolders} more` : '';
    const where = `${folders.slice(0, maxFolders).join(', ')}${more}`;
    return `${clientTitles[client]} has ${formatCounted(own.length, 'server')} for other folders alone (${where}): run mcp-marshal ${command} there`;
  });
}
