import { clientIds } from '../../clients/client.ts';
import type { ClientReadings } from '../../clients/client.ts';
import { readClientFile } from '../../clients/read-client-file.ts';
import { readClients } from '../../clients/read-clients.ts';
import { resolvePath } from '../../config/variables/resolve-path.ts';
import { renderProblem } from '../../core/place.ts';
import { usageFailure } from '../failure.ts';
import type { CliIo } from '../io.ts';
import { surroundingsOf } from './surroundings.ts';

/**
 * Reads what the clients and the files say that `from` names; all clients where it names none. A client's file that is broken is passed over
 * with a problem; one that was named throws, since nothing else was meant.
 */
export async function readSources(
  io: Pick<CliIo, 'env' | 'cwd'>,
  from: readonly string[] = [],
): Promise<ClientReadings> {
  const surroundings = surroundingsOf(io);
  const clients = clientIds.filter((client) => from.length === 0 || from.includes(client));
  const all = clients.length === 0 ? emptyReadings() : await readClients(surroundings, clients);
  for (const word of new Set(from)) {
    if (clientIds.some((client) => client === word)) continue;
    const read = await readClientFile(resolvePath(word, io.cwd, io.env), surroundings);
    if (!read.ok) {
      throw usageFailure(
        `--from ${JSON.stringify(word)}: ${renderProblem(read.problem)}`,
        `name a file, or one of ${clientIds.join(', ')}`,
      );
    }
    all.servers.push(...read.servers);
    (all.elsewhere ??= []).push(...(read.elsewhere ?? []));
    all.rules.push(...read.rules);
    all.modes.push(...read.modes);
    all.left.push(...read.left);
    all.files.push(...read.files);
    all.problems.push(...read.problems);
  }
  return all;
}

function emptyReadings(): ClientReadings {
  return { servers: [], rules: [], modes: [], left: [], files: [], problems: [] };
}
