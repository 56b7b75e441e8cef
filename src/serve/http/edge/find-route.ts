/** What stands at a path. */
export type Route = 'mcp' | 'alive' | 'ready' | 'metadata';

/**
 * Where a request goes, and the host that its target names, if it names one (RFC 9112, 3.2.2). A query says nothing to us.
 * `metadataPaths`: where clients find how they could log in.
 */
export function findRoute(
  target: string,
  metadataPaths?: ReadonlySet<string>,
): { route: Route | undefined; host?: string } {
  const routeOf = (path: string): Route | undefined =>
    routes.get(path) ?? (metadataPaths?.has(path) === true ? 'metadata' : undefined);
  if (target.startsWith('/')) return { route: routeOf(target.split('?', 1)[0] ?? '') };
  if (!URL.canParse(target)) return { route: undefined };
  const { pathname, host } = new URL(target);
  return { route: routeOf(pathname), host };
}

/** The path of the one endpoint for both eras. */
export const mcpPath = '/mcp';

const routes: ReadonlyMap<string, Route> = new Map([
  [mcpPath, 'mcp'],
  ['/healthz', 'alive'],
  ['/readyz', 'ready'],
]);
