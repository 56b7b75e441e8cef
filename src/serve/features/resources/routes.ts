import { parseUriTemplate, type UriTemplate } from '../../../catalog/uri-template.ts';
import { keepNewest } from '../keep-newest.ts';

/** Resources whose server is remembered for one client. Where others are, is found by asking. */
const maxUris = 10_000;
/** Templates of one server that a URI is compared with: each costs time. */
const maxTemplates = 100;

/** Where the resources of several servers are, for one client: as they were listed last, and found since. */
export interface Routes {
  /** Whether a list was read, so that what is not known is not because nobody has asked. */
  knows(part: ResourcePart): boolean;
  /** Takes what was listed in the place of what was known. `silent` are the servers that did not answer. */
  learn(part: ResourcePart, listed: { entries: readonly ListedUri[]; silent: readonly string[] }): void;
  /** The lists of a server have changed: what it listed is not known any more, and lists are to be read again. */
  forget(server: string): void;
  /** A server was found to know a resource. */
  found(entry: ListedUri): void;
  /** The servers that list exactly this URI, or exactly this template. */
  listing(uri: string): readonly string[];
  /** The servers with a template that the URI could be made from. */
  matching(uri: string): readonly string[];
  /** The servers in the order in which a URI that nobody lists is looked for: those first that list others of its scheme, last those that did not answer. */
  byScheme(uri: string, servers: readonly string[]): readonly string[];
}

/** By the field of a result in which they are listed. */
type ResourcePart = 'resources' | 'resourceTemplates';

interface ListedUri {
  server: string;
  /** As the server knows it. */
  uri: string;
}

interface Template {
  server: string;
  matches: UriTemplate;
}

export function createRoutes(): Routes {
  const known = { resources: new Map<string, string[]>(), resourceTemplates: new Map<string, string[]>() };
  const schemes = { resources: new Set<string>(), resourceTemplates: new Set<string>() };
  const silent = { resources: new Set<string>(), resourceTemplates: new Set<string>() };
  const read = new Set<string>();
  let templates: readonly Template[] = [];

  return {
    knows: (part) => read.has(part),
    learn(part, { entries, silent: away }) {
      read.add(part);
      known[part] = groupServers(entries.slice(0, maxUris));
      schemes[part] = new Set(entries.map(({ server, uri }) => schemeKey(server, uri)));
      silent[part] = new Set(away);
      if (part === 'resourceTemplates') templates = toTemplates(entries);
    },
    forget(server) {
      read.clear();
      for (const listed of Object.values(known)) {
        for (const [uri, servers] of listed) {
          if (!servers.includes(server)) continue;
          if (servers.length === 1) listed.delete(uri);
          else
            listed.set(
              uri,
              servers.filter((other) => other !== server),
            );
        }
      }
      templates = templates.filter((template) => template.server !== server);
    },
    found: ({ server, uri }) => keepNewest(known.resources, { key: uri, value: [server], max: maxUris }),
    listing: (uri) => known.resources.get(uri) ?? known.resourceTemplates.get(uri) ?? [],
    matching: (uri) => [...new Set(templates.filter(({ matches }) => matches(uri)).map(({ server }) => server))],
    byScheme(uri, servers) {
      const rankOf = (server: string): number => {
        const key = schemeKey(server, uri);
        if (schemes.resources.has(key) || schemes.resourceTemplates.has(key)) return 0;
        return silent.resources.has(server) || silent.resourceTemplates.has(server) ? 2 : 1;
      };
      return servers.toSorted((a, b) => rankOf(a) - rankOf(b));
    },
  };
}

function groupServers(entries: readonly ListedUri[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { server, uri } of entries) {
    const group = groups.get(uri);
    if (group === undefined) groups.set(uri, [server]);
    else if (!group.includes(server)) group.push(server);
  }
  return groups;
}

function toTemplates(entries: readonly ListedUri[]): Template[] {
  const counts = new Map<string, number>();
  return entries.flatMap(({ server, uri }) => {
    const count = (counts.get(server) ?? 0) + 1;
    counts.set(server, count);
    return count <= maxTemplates ? [{ server, matches: parseUriTemplate(uri) }] : [];
  });
}

/** Schemes are few, and what stands before the first colon of something else is cut short. */
function schemeKey(server: string, uri: string): string {
  const end = uri.indexOf(':');
  return `${server} ${end === -1 ? '' : uri.slice(0, Math.min(end, 40)).toLowerCase()}`;
}
