/** A resource, or a template of resources, by where it stands. */
interface OfferedUri {
  server: string;
  /** As the server knows it. */
  uri: string;
}

const scheme = 'marshal:';

/**
 * Under which URI clients see each resource, at its index: its own, but where another server offers the same one, and where its own
 * reads as the address of a server. Does not depend on the order of servers.
 */
export function exposedUris(offered: readonly OfferedUri[], servers: ReadonlySet<string>): string[] {
  const owners = new Map<string, string>();
  const shared = new Set<string>();
  for (const { server, uri } of offered) {
    const owner = owners.get(uri);
    if (owner === undefined) owners.set(uri, server);
    else if (owner !== server) shared.add(uri);
  }
  return offered.map(({ server, uri }) =>
    shared.has(uri) || parseResourceAddress(uri, servers) !== undefined ? resourceAddress({ server, uri }) : uri,
  );
}

/** The URI that names the server too: `marshal:files/file:///a`. A template stays one: what is filled in stands behind the server. */
export function resourceAddress({ server, uri }: OfferedUri): string {
  return `${scheme}${server}/${uri}`;
}

/** What a URI that names a configured server means; nothing for any other. */
export function parseResourceAddress(uri: string, servers: ReadonlySet<string>): OfferedUri | undefined {
  if (!uri.startsWith(scheme)) return undefined;
  const end = uri.indexOf('/', scheme.length);
  const server = uri.slice(scheme.length, end);
  return end > 0 && servers.has(server) ? { server, uri: uri.slice(end + 1) } : undefined;
}
