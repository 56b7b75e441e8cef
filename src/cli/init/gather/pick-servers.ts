import { isCancel, multiselect } from '@clack/prompts';
import { clientTitles } from '../../../clients/client.ts';
import { showInvisible } from '../../../core/text/show-invisible.ts';
import { canAskPerson } from '../../approvals/terminal-reader.ts';
import type { CliContext } from '../../context.ts';
import { interruptedFailure, usageFailure } from '../../failure.ts';
import type { FoundServer } from './gather-servers.ts';

/** As many as fit on a small screen beside the question. */
const maxShown = 15;

/** Refuses to go on where nobody can be asked and nobody said that nobody need be. */
export function requireAnswers(context: CliContext, { yes }: { yes: boolean }): void {
  if (yes || canAskPerson(context.io)) return;
  throw usageFailure(
    'init asks which servers to take, and there is no terminal to ask at; nothing was written',
    'add --yes to take all of them',
  );
}

/**
 * Has the person at the terminal choose among the servers: those that their client starts without asking are chosen already. One that is chosen is switched
 * on. Throws where they leave with Ctrl-C.
 */
export async function pickServers(context: CliContext, servers: readonly FoundServer[]): Promise<FoundServer[]> {
  const answer = await multiselect({
    message: 'Which servers should mcp-marshal stand in front of?',
    options: servers.map(({ name, entry: { enabled }, clients, found, projectFile }, index) => ({
      value: index,
      // Hints are shown of one at a time, and this is to be seen before everything is ticked at once.
      label: projectFile === undefined ? name : `${name} (of this project)`,
      hint: [
        ...clients.map((client) => clientTitles[client]),
        ...(enabled ? [] : ['switched off there']),
        ...(projectFile === undefined ? [] : [`of this project: ${showInvisible(projectFile)}`]),
        ...new Set(found.filter((one) => one.name !== name).map((one) => `there: ${showInvisible(one.name)}`)),
      ].join(', '),
    })),
    initialValues: servers.flatMap(({ entry: { enabled }, projectFile }, index) =>
      enabled && projectFile === undefined ? [index] : [],
    ),
    maxItems: maxShown,
    required: true,
    input: context.io.stdin,
    // stdout is data.
    output: context.io.stderr,
    signal: context.stop,
  });
  if (isCancel(answer)) throw interruptedFailure();
  return answer.flatMap((index) => {
    const chosen = servers[index];
    return chosen === undefined ? [] : [{ ...chosen, entry: { ...chosen.entry, enabled: true } }];
  });
}
