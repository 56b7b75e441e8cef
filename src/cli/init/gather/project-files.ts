import { resolvePath } from '../../../config/variables/resolve-path.ts';
import type { ClientReadings, ClientRule, ClientServer } from '../../../clients/client.ts';
import type { CliIo } from '../../io.ts';

type Placed = Pick<ClientServer, 'place'>;

/**
 * What stands in a file of the folder that is worked in. Whoever has made that folder has written it, and the clients ask before they
 * start a server of it. A file that `from` names is meant by whoever named it.
 */
export function isOfProject(
  { files }: Pick<ClientReadings, 'files'>,
  { from, io: { cwd, env } }: { from: readonly string[]; io: Pick<CliIo, 'cwd' | 'env'> },
): (one: Placed) => boolean {
  const named = new Set(from.map((word) => resolvePath(word, cwd, env)));
  // Where the home is worked in, a file can be both.
  const ofUser = new Set(files.filter(({ scope }) => scope !== 'project').map(({ path }) => path));
  const ofProject = new Set(files.filter(({ scope }) => scope === 'project').map(({ path }) => path));
  return ({ place: { file } }) => ofProject.has(file) && !ofUser.has(file) && !named.has(file);
}

/** Without the rules that waive a question in one folder: a configuration holds in all of them, and for every client. */
export function withoutAllowsOf(isTheirs: (one: Placed) => boolean, readings: ClientReadings): ClientReadings {
  const isWaived = (rule: ClientRule): boolean => rule.list === 'allow' && isTheirs(rule);
  const reason =
    'it stands in a file of the project, and would waive the question everywhere; --from with that file takes it over';
  return {
    ...readings,
    rules: readings.rules.filter((rule) => !isWaived(rule)),
    left: [
      ...readings.left,
      ...readings.rules.filter(isWaived).map(({ client, place, written }) => ({ client, place, written, reason })),
    ],
  };
}
