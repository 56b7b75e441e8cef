import { stat } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { readText } from '../../config/source/read-text.ts';
import type { ClientServer } from '../client.ts';
import { literally } from './convert-text.ts';

/** A file of variables has some hundred bytes. */
const maxBytes = 64 * 1024;
/** More variables than any program reads from such a file. */
const maxVariables = 200;

/** The server with the variables of its `envFile`; those that its entry sets itself win. A file that cannot be read is told as lost. */
export async function withEnvFile(server: ClientServer, path: string): Promise<ClientServer> {
  const { entry } = server;
  if (entry === undefined || !('command' in entry.launch)) return server;
  const read = (await isFile(path)) ? await readText(path, maxBytes) : { ok: false as const, reason: 'is not there' };
  if (!read.ok) {
    const left = [...entry.left, { key: 'envFile', reason: `its file ${read.reason}` }];
    return { ...server, entry: { ...entry, left } };
  }
  const found = Object.entries(parseEnv(read.text)).slice(0, maxVariables);
  const env = {
    ...Object.fromEntries(found.flatMap(([name, value]) => (value === undefined ? [] : [[name, literally(value)]]))),
    ...entry.launch.env,
  };
  return { ...server, entry: { ...entry, launch: { ...entry.launch, env } } };
}

/** A pipe would be waited for without end. */
async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
