// Clients of the official SDK, one for each way to reach a tool.
import { Client } from '@modelcontextprotocol/client';

/**
 * @param ways    { name, tool, args, transport, era, server }: `transport` makes one; the tool may be listed with a prefix, that of
 *                `server` where two servers have it
 * @param closers what else is to be closed with them: functions, called in turn
 * @returns `ways`: { name, call }, where `call` calls the tool once and throws unless it succeeds; and `close`
 */
export async function openWays(ways, closers = []) {
  const clients = [];
  const close = async () => {
    await Promise.all(clients.map((client) => client.close()));
    for (const end of closers) await end();
  };
  const open = async ({ name, tool, args, transport, era, server = '' }) => {
    const isModern = era === 'modern';
    const client = new Client(
      { name: 'bench', version: '1.0.0' },
      isModern ? { versionNegotiation: { mode: 'auto' } } : {},
    );
    clients.push(client);
    await client.connect(transport());
    if (client.getProtocolEra() !== (era ?? 'legacy')) throw new Error(`${name} does not speak the ${era} protocol`);
    const { tools } = await client.listTools();
    const listed = tools.find(({ name: found }) => found === tool || found.endsWith(`${server}__${tool}`));
    if (listed === undefined) throw new Error(`${name} has no ${tool}: ${tools.map((found) => found.name).join(', ')}`);
    return {
      name,
      async call() {
        const result = await client.callTool({ name: listed.name, arguments: args });
        if (result.isError || result.content.length === 0) throw new Error(`${name}: ${JSON.stringify(result)}`);
      },
    };
  };
  try {
    const opened = [];
    for (const way of ways) opened.push(await open(way));
    return { ways: opened, close };
  } catch (error) {
    await close();
    throw error;
  }
}
