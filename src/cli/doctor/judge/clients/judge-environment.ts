import { posix } from 'node:path';
import { clientTitles } from '../../../../clients/client.ts';
import type { CommandFacts } from '../../gather/look-at-commands.ts';
import type { Registration } from '../../gather/look-at-registrations.ts';
import { listNames } from '../../finding.ts';
import type { Finding } from '../../finding.ts';
import type { Written } from '../../written/read-written.ts';
import { environmentOf, searchPathOf } from './client-environment.ts';

/** Where programs of the system lie: every way of starting a program looks there. */
const systemFolders: ReadonlySet<string> = new Set([
  '/usr/bin',
  '/bin',
  '/usr/sbin',
  '/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/snap/bin',
]);

/** Whether what a client hands on is enough for the servers of the configuration. */
export function judgeEnvironment(
  registration: Registration,
  {
    written,
    commands,
  }: { written: Pick<Written, 'file' | 'variables'> | undefined; commands: readonly CommandFacts[] },
): Finding[] {
  if (registration.start === undefined || !registration.isEnabled) return [];
  return [...judgeVariables(registration, written), ...judgePath(registration, commands)];
}

function judgeVariables(
  { client, name, place, env }: Registration,
  written: Pick<Written, 'file' | 'variables'> | undefined,
): Finding[] {
  const environment = environmentOf(client);
  if (environment === undefined || written === undefined) return [];
  const lacking = written.variables.filter((variable) => !env.has(variable.name) && !environment.passes(variable.name));
  return lacking.map((variable): Finding => {
    const message = `${clientTitles[client]} ${environment.how}: ${variable.name} is missing there, which servers.${variable.server} needs`;
    // A second one of the same key would take the place of the first, or make the file invalid.
    const beside = env.size === 0 ? '' : `, together with the ${environment.key} that is there,`;
    const fix = `write ${environment.write(variable.name)}${beside} at the entry ${name} in ${place.file}; or ${variable.name}=… into a file .env beside ${written.file}, and envFile: .env into it`;
    return {
      level: 'warning',
      code: 'variable-not-passed',
      about: client,
      server: variable.server,
      place,
      message,
      fix,
    };
  });
}

/** Programs that only the search path of a shell leads to: those of version managers, and of package managers of languages. */
function judgePath({ client, name, place, env, start }: Registration, commands: readonly CommandFacts[]): Finding[] {
  const kind = searchPathOf(client);
  if (kind === 'shell' || env.has('PATH') || start === undefined) return [];
  const all = [
    ...(start.isBare ? [{ server: undefined, command: start.command, file: start.file, isBare: true }] : []),
    ...commands,
  ];
  const hidden = all.filter(
    ({ file, isBare }) => isBare && file?.startsWith('/') === true && !systemFolders.has(posix.dirname(file)),
  );
  const [first] = hidden;
  if (first?.file === undefined) return [];
  const names = listNames([...new Set(hidden.map(({ command }) => command))]);
  const folders = [...new Set(hidden.flatMap(({ file }) => (file === undefined ? [] : [posix.dirname(file)])))];
  const how = kind === 'own' ? 'does not search where' : 'may not search where, if it was started from the desktop,';
  const message = `${clientTitles[client]} ${how} your shell finds ${names} (${listNames(folders)})`;
  const of = first.server === undefined ? `"command" of the entry ${name}` : `servers.${first.server}.command`;
  const fix = `write the full path, ${first.file}, as ${of}; or "PATH": "${folders.join(':')}:/usr/local/bin:/usr/bin:/bin" into env of the entry ${name} in ${place.file}`;
  return [{ level: kind === 'own' ? 'warning' : 'note', code: 'path-not-passed', about: client, place, message, fix }];
}
