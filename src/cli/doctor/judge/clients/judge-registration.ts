import { quoteWord } from '../../../terminal/quote-word.ts';
import { clientTitles } from '../../../../clients/client.ts';
import type { Registration } from '../../gather/look-at-registrations.ts';
import type { Finding } from '../../finding.ts';
import { searchPathOf } from './client-environment.ts';

/** The configuration that the doctor looks at. */
export interface ThisConfig {
  /** Absolute. */
  file: string;
  /** Whether it is found wherever a program is started: the user's own. */
  isUsers: boolean;
}

/** Whether a client's entry starts what it is meant to start. */
export function judgeRegistration(registration: Registration, own: ThisConfig | undefined): Finding[] {
  const { client, name, place, isEnabled, port } = registration;
  const about = { about: client, place } as const;
  const title = clientTitles[client];
  const again = installAgain(registration);
  if (!isEnabled) {
    const message = `${title} has ${name}, and has it switched off`;
    return [
      { ...about, level: 'note', code: 'registration-off', message, fix: `switch it on in ${title}, or ${again}` },
    ];
  }
  if (port?.isListening === false) {
    const message = `${title} expects mcp-marshal at port ${port.port} of ${port.host}, and nobody listens there`;
    const fix = `start it with mcp-marshal serve --http ${port.port}, or correct the entry ${name} in ${place.file}`;
    return [{ ...about, level: 'problem', code: 'proxy-away', message, fix }];
  }
  return [...judgeStart(registration, again), ...judgeConfig(registration, { own, again })];
}

function judgeStart({ client, name, place, start }: Registration, again: string): Finding[] {
  if (start === undefined) return [];
  const about = { about: client, place, level: 'problem' } as const;
  const title = clientTitles[client];
  if (start.file === undefined) {
    const old = /node(?:\.exe)?$/.test(start.command) ? ': that Node is not there any more' : '';
    const message = `${title} starts ${name} with ${start.command}, which is not there${old}`;
    return [{ ...about, code: 'registration-command', message, fix: `${again}, which writes the path of now` }];
  }
  if (start.script?.exists === false) {
    const message = `${title} starts ${name} from ${start.script.path}, which is not there any more`;
    return [{ ...about, code: 'registration-script', message, fix: `${again}, which writes the path of now` }];
  }
  return [];
}

function judgeConfig(
  { client, name, place, start, config }: Registration,
  { own, again }: { own: ThisConfig | undefined; again: string },
): Finding[] {
  if (start === undefined || start.isElsewhere === true) return [];
  const about = { about: client, place } as const;
  const title = clientTitles[client];
  const named = own === undefined ? '--config FILE' : `--config ${own.file}`;
  const where = `behind serve in args of the entry ${name} in ${place.file}`;
  const write = `write ${named} ${where}, or ${again}`;
  // Of two, the last is taken.
  const replace = `write ${named} ${where}, in the place of the one that is there, or ${again}`;
  if (config === undefined) {
    if (own === undefined || own.isUsers) return [];
    const message = `${title} starts ${name} without --config, so it uses ${own.file} only where it is started in that folder`;
    const level = searchPathOf(client) === 'shell' ? 'note' : 'warning';
    return [{ ...about, level, code: 'registration-no-config', message, fix: write }];
  }
  if (!config.exists) {
    const message = `${title} starts ${name} with the configuration ${config.path}, which does not exist`;
    return [{ ...about, level: 'problem', code: 'registration-config-missing', message, fix: replace }];
  }
  if (config.isRelative) {
    const message = `${title} starts ${name} with a configuration that is relative to the folder where it is started, wherever that is`;
    return [{ ...about, level: 'warning', code: 'registration-config-relative', message, fix: replace }];
  }
  if (own !== undefined && config.path !== own.file && !config.path.includes('${')) {
    const message = `${title} starts ${name} with another configuration, ${config.path}; this is about ${own.file}`;
    const fix = `look at that one with mcp-marshal doctor --config ${quoteWord(config.path)}, or ${again}`;
    return [{ ...about, level: 'note', code: 'registration-other-config', message, fix }];
  }
  return [];
}

/** What writes this entry anew: under its name, in the file where it stands. */
function installAgain({ client, name, isOfFolder }: Registration): string {
  const named = name === defaultName ? '' : ` --name ${quoteWord(name)}`;
  return `mcp-marshal install ${client}${named}${isOfFolder === true ? ' --scope project' : ''}`;
}

/** What `install` calls it. */
const defaultName = 'marshal';
