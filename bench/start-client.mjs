// A client over stdio, as every way of calling has one.
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

/** Starts a program and connects to it. `close` ends it by its id, since not every program goes when its input ends. */
export async function startClient({ command, args, env }) {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  const transport = new StdioClientTransport({ command, args, ...(env && { env }), stderr: 'ignore' });
  await client.connect(transport);
  const { tools } = await client.listTools();
  return {
    client,
    pid: transport.pid,
    tools: tools.map(({ name }) => name),
    async close() {
      if (transport.pid) process.kill(transport.pid, 'SIGTERM');
      await client.close();
    },
  };
}
