import { readText } from '../config/source/read-text.ts';
import type { Problem } from '../core/place.ts';
import type { Surroundings } from './client-files.ts';
import type { ClientFile, ClientId, ClientReadings } from './client.ts';
import { maxFileBytes, readFiles } from './read-clients.ts';
import { knownFile, recognizeByForm, recognizeByName } from './recognize-client.ts';
import { parseSettings } from './source/parse-settings.ts';

/** What one file says, and whose it is; or why it cannot be read, with the place of the mistake. */
export type ReadClientFile = ({ ok: true; client: ClientId } & ClientReadings) | { ok: false; problem: Problem };

/**
 * Reads any one file of a client: one of those that are known, or else whose it is by its name, its folders or its form. `path` is
 * absolute. `client`: whose it is, where somebody has said so. A file of another project is read as in that project. Never rejects.
 */
export async function readClientFile(
  path: string,
  { client, ...surroundings }: Surroundings & { client?: ClientId },
): Promise<ReadClientFile> {
  const start = { file: path, line: 1, column: 1 };
  const read = await readText(path, maxFileBytes);
  if (!read.ok) return { ok: false, problem: { place: start, message: `it ${read.reason}` } };
  const parsed = parseSettings(read.text, path);
  if (!parsed.ok) return { ok: false, problem: parsed.problem };
  const known = knownFile(path, surroundings);
  const named = recognizeByName(path);
  const whose = client ?? known?.client ?? named?.client ?? recognizeByForm(parsed.value);
  if (whose === undefined) {
    const message =
      'it has not the form of any known client: no mcpServers, servers, context_servers, mcp_servers or mcp';
    return { ok: false, problem: { place: start, message } };
  }
  const folder = known === undefined ? named?.folder : undefined;
  const isProject = folder !== undefined && folder !== surroundings.home;
  const scope: ClientFile['scope'] = known?.scope ?? (isProject ? 'project' : 'user');
  const { cwd } = surroundings;
  const readings = await readFiles([{ client: whose, path, scope }], {
    ...surroundings,
    cwd: isProject ? folder : cwd,
  });
  const [problem] = readings.problems;
  return problem === undefined ? { ok: true, client: whose, ...readings } : { ok: false, problem };
}
