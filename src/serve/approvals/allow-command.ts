/**
 * What a person runs to say yes to a question of the queue. With the configuration's file where it is known: that names the state folder,
 * and so the proxy that asks.
 */
export function allowCommand(id: string, configFile: string | undefined): string {
  const command = `mcp-marshal approvals allow ${id}`;
  return configFile === undefined ? command : `${command} --config ${quote(configFile)}`;
}

/** For a shell of either kind; a path with quotes in it is shown as it is best read. */
function quote(path: string): string {
  return /^[\w./\\:@+~-]+$/.test(path) ? path : `"${path}"`;
}
