// The tools that are called to see what passing a call through costs. No bar for echo over stdio (`hasBar` is absent): it does nothing,
// so that even a process which only copies bytes is near the bar or over it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverProgram } from '../servers.mjs';

/** Over stdio: `program` is how to start the server. */
export async function stdioSubjects(folder) {
  const { files, page } = await writePage(folder);
  const memory = join(folder, 'memory.jsonl');
  const entity = (n) => ({ type: 'entity', name: `e${n}`, entityType: 'thing', observations: ['o'] });
  await writeFile(memory, Array.from({ length: 100 }, (_, n) => `${JSON.stringify(entity(n))}\n`).join(''));
  return [
    { server: 'everything', tool: 'echo', args: { message: 'hello' }, program: serverProgram('everything') },
    {
      hasBar: true,
      server: 'memory',
      tool: 'open_nodes',
      args: { names: ['e1'] },
      program: { ...serverProgram('memory'), env: { MEMORY_FILE_PATH: memory } },
    },
    {
      hasBar: true,
      server: 'filesystem',
      tool: 'read_text_file',
      args: { path: page },
      program: serverProgram('filesystem', [files]),
    },
  ];
}

/** Over HTTP: `listener` is how to start the server on a port, `program` the same over stdio, where there is one. */
export async function httpSubjects(folder) {
  const { page } = await writePage(folder);
  const everything = serverProgram('everything');
  const plain = (port) => ({
    command: process.execPath,
    args: [fileURLToPath(new URL('../http/plain-server.mjs', import.meta.url)), String(port), page],
  });
  const read = { hasBar: true, server: 'plain', tool: 'read_page', args: {}, listener: plain };
  return [
    {
      hasBar: true,
      era: 'legacy',
      server: 'everything',
      tool: 'echo',
      args: { message: 'hello' },
      listener: (port) => ({
        command: everything.command,
        args: [...everything.args, 'streamableHttp'],
        env: { PORT: String(port) },
      }),
      program: everything,
    },
    { era: 'legacy', ...read },
    { era: 'modern', ...read },
  ];
}

async function writePage(folder) {
  const files = join(folder, 'files');
  const page = join(files, 'page.txt');
  await mkdir(files, { recursive: true });
  await writeFile(page, 'All work and no play makes Jack a dull boy.\n'.repeat(100));
  return { files, page };
}
