import { clientTitles } from '../../../../clients/client.ts';
import type { ClientServer } from '../../../../clients/client.ts';
import type { ServerNames } from '../../../../clients/server-names.ts';
import type { Registration } from '../../gather/look-at-registrations.ts';
import { listNames } from '../../finding.ts';
import type { Finding } from '../../finding.ts';

/** Servers that a client has from mcp-marshal and by itself: a model sees each of their tools twice, and policy holds for one of them. */
export function judgeDoubles(
  registrations: readonly Registration[],
  { servers, names }: { servers: readonly ClientServer[]; names: Pick<ServerNames, 'find' | 'isAnother'> },
): Finding[] {
  const active = registrations.filter(({ isEnabled }) => isEnabled);
  return [...new Set(active.map(({ client }) => client))].flatMap((client): Finding[] => {
    const own = active.filter((registration) => registration.client === client);
    const title = clientTitles[client];
    const isOwn = ({ place }: ClientServer): boolean =>
      own.some(
        (one) => one.place.file === place.file && one.place.line === place.line && one.place.column === place.column,
      );
    const originals = servers.filter(
      (server) =>
        server.client === client &&
        !isOwn(server) &&
        server.entry?.enabled !== false &&
        names.find(client, server.name) !== undefined &&
        !names.isAnother(client, server.name),
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
              fix: `switch them off in ${title}, or take them out of ${first.place.file}: mcp-marshal install ${client} --switch-off`,
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
