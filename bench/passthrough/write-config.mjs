import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Servers whose policy comes with mcp-marshal. */
const shipped = new Set(['everything', 'memory', 'filesystem']);

/** Writes a configuration of mcp-marshal with these servers, and returns its path. */
export async function writeMarshalConfig(folder, servers) {
  const names = Object.keys(servers);
  const file = join(folder, `marshal-${names.join('-')}.json`);
  const withPolicy = names.map((name) => {
    const server = name.replace(/-.*/, '');
    return [name, { ...servers[name], ...(shipped.has(server) && { policy: `builtin:${server}` }) }];
  });
  const config = {
    version: 1,
    stateDir: join(folder, 'state'),
    log: { level: 'error' },
    servers: Object.fromEntries(withPolicy),
  };
  await writeFile(file, JSON.stringify(config));
  return file;
}
