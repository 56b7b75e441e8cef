/** What stands at a path. */
export type Route = 'mcp' | 'alive' | 'ready';

/** Where a request goes, and the host that its target names, if it names one (RFC 9112, 3.2.2). A query says nothing to us. */
export function findRoute(target: string): { route: Route | undefined; host?: string } {
  if (target.startsWith('/')) return { route: routes.get(target.split('?', 1)[0] ?? '') };
  if (!URL.canParse(target)) return { route: undefined };
  const { pathname, host } = new URL(target);
  return { route: routes.get(pathname), host };
}

/** The path of the one endpoint for both eras. */
export const mcpPath = '/mcp';

const routes: ReadonlyMap<string, Route> = new Map([
  [mcpPath, 'mcp'],
  ['/healthz', 'alive'],
  ['/readyz', 'ready'],
]);
