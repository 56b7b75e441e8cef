import { isAuthorizationPath } from './refuse-authorization.ts';

/** What stands at a path. */
export type Route = 'mcp' | 'alive' | 'ready' | 'metadata' | 'authorization';

/**
 * Where a request goes, and the host that its target names, if it names one (RFC 9112, 3.2.2). A query says nothing to us.
 * `metadataPaths`: where clients find how they could log in; absent where nobody has to.
 */
export function findRoute(
  target: string,
  metadataPaths?: ReadonlySet<string>,
): { route: Route | undefined; path: string; host?: string } {
  const routeOf = (path: string): Route | undefined => {
    const route = routes.get(path);
    if (route !== undefined || metadataPaths === undefined) return route;
    if (metadataPaths.has(path)) return 'metadata';
    return isAuthorizationPath(path) ? 'authorization' : undefined;
  };
  const asked = target.split('?', 1)[0] ?? '';
  if (asked.startsWith('/')) return { route: routeOf(asked), path: asked };
  if (!URL.canParse(target)) return { route: undefined, path: asked };
  const { pathname, host } = new URL(target);
  return { route: routeOf(pathname), path: pathname, host };
}

/** The path of the one endpoint for both eras. */
export const mcpPath = '/mcp';

const routes: ReadonlyMap<string, Route> = new Map([
  [mcpPath, 'mcp'],
  ['/healthz', 'alive'],
  ['/readyz', 'ready'],
]);
