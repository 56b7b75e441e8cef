import { clientTitles } from '../../../../clients/client.ts';
import type { ClientFile, ClientServer } from '../../../../clients/client.ts';
import type { ServerNames } from '../../../../clients/server-names.ts';
import type { ServerConfig } from '../../../../config/config.ts';
import { isSamePerson } from '../../../install/is-same-person.ts';
import type { Registration } from '../../gather/look-at-registrations.ts';
import { listNames } from '../../finding.ts';
import type { Finding } from '../../finding.ts';

/** Servers that a client has from mcp-marshal and by itself: a model sees each of their tools twice, and policy holds for one of them. */
export function judgeDoubles(
  registrations: readonly Registration[],
  {
    servers,
    files,
    names,
    configured,
  }: {
    servers: readonly ClientServer[];
    files: readonly ClientFile[];
    names: Pick<ServerNames, 'find' | 'isAnother'>;
    /** The servers of the configuration. */
    configured: readonly ServerConfig[];
  },
): Finding[] {
  // As `install --switch-off` decides: it is what mends this.
  const isServed = (server: ClientServer): boolean => {
    const name = names.find(server.client, server.name);
    const same = configured.find((one) => one.enabled && one.name === name);
    return same !== undefined && !names.isAnother(server.client, server.name) && isSamePerson(server, same);
  };
  const active = registrations.filter(({ isEnabled }) => isEnabled);
  return [...new Set(active.map(({ client }) => client))].flatMap((client): Finding[] => {
    const own = active.filter((registration) => registration.client === client);
    const title = clientTitles[client];
    const isOwn = ({ place }: ClientServer): boolean =>
      own.some(
        (one) => one.place.file === place.file && one.place.line === place.line && one.place.column === place.column,
      );
    const originals = servers.filter(
      (server) => server.client === client && !isOwn(server) && server.entry?.enabled !== false && isServed(server),
    );
    const twice = [...new Set(own.map(({ name }) => name))];
    const [first] = originals;
    const doubled: Finding[] =
      first === undefined
        ? []
        : [
            {
              level: 'warning',
              code: 'double-tools',
              about: client,
              place: first.place,
              message: `${title} starts ${listNames([...new Set(originals.map(({ name }) => name))])} by itself, beside mcp-marshal: their tools are there twice, once without policy`,
              fix: mendOf(first, files),
            },
          ];
    const [, second] = own;
    if (twice.length < 2 || second === undefined) return doubled;
    const message = `${title} has mcp-marshal more than once: ${listNames(twice)}`;
    const fix = `take all but one of them out of ${second.place.file}`;
    return [
      ...doubled,
      { level: 'warning', code: 'registered-twice', about: client, place: second.place, message, fix },
    ];
  });
}

/** The command switches off what stands in the files of the user; one of a folder it would register in as well. */
function mendOf({ client, place }: ClientServer, files: readonly ClientFile[]): string {
  const byHand = `switch them off in ${clientTitles[client]}, or take them out of ${place.file}`;
  const isOfFolder = files.some(({ path, scope }) => path === place.file && scope !== 'user');
  return isOfFolder ? byHand : `${byHand}: mcp-marshal install ${client} --switch-off`;
}
