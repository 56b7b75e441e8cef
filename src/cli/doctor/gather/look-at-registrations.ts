import { stat } from 'node:fs/promises';
import type { ClientId, ClientServer } from '../../../clients/client.ts';
import type { ServerNames } from '../../../clients/server-names.ts';
import { startsMarshal } from '../../../config/server/starts-marshal.ts';
import { resolvePath } from '../../../config/variables/resolve-path.ts';
import type { Env } from '../../../config/variables/resolve-path.ts';
import type { Place } from '../../../core/place.ts';
import { findProgram } from './system/find-program.ts';
import { isListening } from './system/look-at-ports.ts';
import { readFlag } from './read-flag.ts';
import { within } from './system/within.ts';

/** An entry of a client that starts or reaches mcp-marshal. */
export interface Registration {
  client: ClientId;
  /** What the client calls it. */
  name: string;
  place: Place;
  /** Whether it stands in a file of the folder that is worked in; absent: in one of its user. */
  isOfFolder?: boolean;
  /** Variables that the entry sets or passes on. */
  env: ReadonlySet<string>;
  timeoutMs?: number;
  isEnabled: boolean;
  /** How it is started. Absent: it is reached at an address. */
  start?: {
    command: string;
    file?: string;
    isBare: boolean;
    /** The file of our program, where one is named. */ script?: SeenPath;
    /** In a container: its files cannot be looked at. */ isElsewhere?: true;
  };
  /** What `--config` or `MCP_MARSHAL_CONFIG` names. */
  config?: SeenPath & { isRelative: boolean };
  /** A port of this machine at which it expects us, and whether anybody listens there. */
  port?: { host: string; port: number; isListening: boolean };
}

export interface SeenPath {
  path: string;
  exists: boolean;
}

export interface RegistrationContext {
  names: Pick<ServerNames, 'isMarshal'>;
  env: Env;
  cwd: string;
  /** The file of the program that runs now. */
  ownScript: string;
}

const limitMs = 1_000;

/** What the clients start or reach as mcp-marshal, and whether what it names is there. Starts nothing; never rejects. */
export async function lookAtRegistrations(
  servers: readonly ClientServer[],
  context: RegistrationContext,
): Promise<Registration[]> {
  const ours = servers.filter((server) => isOurs(server, context));
  return Promise.all(ours.map((server) => lookAt(server, context)));
}

/** Whether a client's server is mcp-marshal: by what it starts, or where it only reaches something, by its name. */
function isOurs(
  { client, name, launch }: Pick<ClientServer, 'client' | 'name' | 'launch'>,
  { names, ownScript }: Pick<RegistrationContext, 'names' | 'ownScript'>,
): boolean {
  if (launch === undefined || 'url' in launch) return names.isMarshal(client, name);
  return startsMarshal(launch.command, launch.args) || startsScript({ launch }, ownScript);
}

/** Whether a client's server is this very program, wherever it lies. */
export function startsScript({ launch }: Pick<ClientServer, 'launch'>, ownScript: string): boolean {
  return launch !== undefined && 'args' in launch && launch.args.includes(ownScript);
}

async function lookAt(
  { client, name, place, launch, entry }: ClientServer,
  context: RegistrationContext,
): Promise<Registration> {
  const { env, cwd } = context;
  const ofEntry = entry !== undefined && 'env' in entry.launch ? entry.launch.env : {};
  const known = {
    client,
    name,
    place,
    env: new Set(Object.keys(ofEntry)),
    isEnabled: entry?.enabled ?? true,
    ...(entry?.timeoutMs !== undefined && { timeoutMs: entry.timeoutMs }),
  };
  if (launch === undefined) return known;
  if ('url' in launch) return { ...known, ...(await lookAtUrl(launch.url)) };
  // With what the client expands by itself expanded, as far as that is known.
  const { command, args } = entry !== undefined && 'command' in entry.launch ? entry.launch : launch;
  const ownPath = ofEntry['PATH'];
  // One that is made of variables is the client's to put together.
  const path = ownPath === undefined || ownPath.includes('${') ? env['PATH'] : ownPath;
  const search = { path, cwd, endings: env['PATHEXT'] };
  const file = isOpen(command) ? command : await findProgram(command, search);
  const script = args.find((arg) => /^(?:[\\/]|[A-Za-z]:\\).*\.[cm]?[jt]s$/.test(arg));
  const named = readFlag(args, '--config') ?? ofEntry['MCP_MARSHAL_CONFIG'];
  const connected = readFlag(args, '--connect');
  // The files of a container are not those of this machine.
  const isElsewhere = /(?:^|[\\/])(?:docker|podman|nerdctl)(?:\.exe)?$/.test(command);
  const seen = async (path: string): Promise<SeenPath> => ({ path, exists: isOpen(path) || (await isFile(path)) });
  return {
    ...known,
    start: {
      command,
      isBare: !/[\\/]/.test(command),
      ...(file !== undefined && { file }),
      ...(script !== undefined && !isElsewhere && { script: await seen(script) }),
      ...(isElsewhere && { isElsewhere }),
    },
    ...(named !== undefined && {
      config: {
        ...(await seen(resolvePath(named, cwd, env))),
        isRelative: !isOpen(named) && !/^(?:[~/\\]|[A-Za-z]:)/.test(named),
      },
    }),
    ...(connected !== undefined && (await lookAtUrl(connected))),
  };
}

/** Whether only the client knows what it is. */
function isOpen(text: string): boolean {
  return /\$\{|\{\w+:/.test(text);
}

async function lookAtUrl(url: string): Promise<Pick<Registration, 'port'>> {
  const { hostname, port, protocol } = URL.canParse(url) ? new URL(url) : { hostname: '', port: '', protocol: '' };
  const host = hostname.replace(/^\[|\]$/g, '');
  if (!['127.0.0.1', 'localhost', '::1'].includes(host)) return {};
  const number = Number(port || (protocol === 'https:' ? 443 : 80));
  return { port: { host, port: number, isListening: await isListening(number, host) } };
}

async function isFile(path: string): Promise<boolean> {
  const found = await within(stat(path), { limitMs, late: undefined });
  // A pipe is a configuration, too.
  return found !== undefined && !found.isDirectory();
}
