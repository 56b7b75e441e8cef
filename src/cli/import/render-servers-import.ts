import { formatCounted } from '../../batch/reply/format-amount.ts';
import { clientTitles } from '../../clients/client.ts';
import type { ClientReadings } from '../../clients/client.ts';
import { renderPlace, renderProblem } from '../../core/place.ts';
import type { FoundServer } from '../init/gather/gather-servers.ts';
import { renderUnignored } from '../init/render-init.ts';
import { plainText } from '../terminal/plain-text.ts';
import { diffLines } from './diff-lines.ts';
import type { ServersPlan } from './plan-servers.ts';

type Read = Pick<ClientReadings, 'files' | 'problems'>;

/** What was found and what becomes of it, in lines for people. Secrets are named, and never there. */
export function renderServersImport({ files, problems }: Read, plan: ServersPlan): string[] {
  const { added, known, passed, moved, unwritable, changes } = plan;
  const titles = (clients: readonly (keyof typeof clientTitles)[]): string =>
    clients.map((client) => clientTitles[client]).join(', ');
  return [
    ...problems.map((problem) => `warning: ${renderProblem(problem)}; passed over`),
    `${formatCounted(files.length, 'file')} of clients read: ${formatCounted(added.length, 'new server')}, ${known.length} there already`,
    ...known.map(({ found, as }) => `${theirName(found)} of ${titles(found.clients)}: already there as ${as}`),
    ...added.flatMap(({ draft: { found, flaws }, policy }) => [
      `${found.name} from ${titles(found.clients)}: new, with ${policy ?? 'no policy: its hints are trusted until it has one'}`,
      ...flaws.map((flaw) => `  switched off: ${flaw}`),
      ...found.entry.left.map(({ key, reason }) => `  not taken over: ${key}: ${reason}`),
    ]),
    ...passed.map(
      ({ client, name, place, reason }) =>
        `not taken over: ${name} of ${clientTitles[client]} (${renderPlace(place)}): ${reason}`,
    ),
    ...moved.map(({ variable, of }) => `secret: ${of} is \${${variable}} now`),
    ...unwritable.map(
      (variable) => `by hand: no file of variables can hold the value of ${variable}; set it in the environment`,
    ),
    ...changes.flatMap(({ path, from, to, isPrivate }) => [
      `${path}${from === undefined ? ' (new)' : ''}:`,
      // The one file that is made for secrets is shown to nobody.
      ...(isPrivate === true
        ? ['  values of the secrets above']
        : diffLines(from ?? '', to).map((line) => `  ${line}`)),
    ]),
    ...plan.unignored.map(renderUnignored),
  ].map((line) => plainText(line.replaceAll('\n', ' ')).trimEnd());
}

/** What the first client calls it; the name that it would have got is nobody's. */
function theirName({ found, name }: FoundServer): string {
  return found[0]?.name ?? name;
}

/** The same for programs. */
export function toServersJson({ files, problems }: Read, plan: ServersPlan): object {
  return {
    files: files.map(({ client, scope, path }) => ({ client, scope, path })),
    problems,
    added: plan.added.map(({ draft: { found, enabled, flaws }, policy }) => ({
      name: found.name,
      from: found.found.map(({ client, name, place }) => ({ client, name, place })),
      enabled,
      flaws,
      policy,
      left: found.entry.left,
    })),
    known: plan.known.map(({ found, as }) => ({ name: theirName(found), clients: found.clients, as })),
    passed: plan.passed,
    secrets: plan.moved.map(({ variable, of }) => ({ variable, of })),
    unwritable: plan.unwritable,
    unignored: plan.unignored,
    changes: plan.changes.map(({ path, from }) => ({ path, isNew: from === undefined })),
  };
}
