// One server's whole tool list, read for record-tools.mjs in a process of its own, whose group is ended with everything that it started.
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { toFact } from './to-fact.mjs';

// Whoever reads the list is gone: so is everything that was started for it.
process.once('disconnect', () => process.kill(-process.pid, 'SIGKILL'));

process.once('message', (server) => void read(server));

async function read({ command, env, home }) {
  try {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: command,
      env,
      cwd: home,
      stderr: 'inherit',
    });
    const client = new Client({ name: 'record-tools', version: '1.0.0' });
    await client.connect(transport);
    const protocol = client.getNegotiatedProtocolVersion?.() ?? transport.protocolVersion;
    const tools = [];
    let cursor;
    do {
      const page = await client.listTools(cursor === undefined ? {} : { cursor });
      tools.push(...page.tools);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    process.send({ protocol, tools: tools.map(toFact).sort((a, b) => (a.name < b.name ? -1 : 1)) });
  } catch (error) {
    process.send({ error: String(error?.message ?? error) });
  }
}
