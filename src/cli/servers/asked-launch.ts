import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { ServerEntry } from '../../clients/client.ts';
import { isRelativeArgument, isOlderAddress } from '../../clients/entry/to-server-entry.ts';
import { resolvePath } from '../../config/variables/resolve-path.ts';
import { usageFailure } from '../failure.ts';
import type { CliIo } from '../io.ts';
import { toHeaders, toVariables } from './asked-settings.ts';

/** A server as it was typed. Never shown as it is: arguments, settings and the address may hold secrets. */
export interface AskedServer {
  name: string;
  /** A URL, or a command with its arguments. */
  target: readonly string[];
  /** `KEY=VALUE`, or `KEY` alone for what the proxy has in its environment. */
  env: readonly string[];
  /** `Name: value`. */
  headers: readonly string[];
  cwd: string | undefined;
  type: 'stdio' | 'http' | 'sse' | undefined;
}

type Launch = ServerEntry['launch'];

/**
 * What was typed as an entry of the configuration `file`. Paths mean what they mean in the folder that is worked in, wherever the server is
 * started from. Throws a failure of usage that holds nothing that could be secret.
 */
export function askedLaunch(
  asked: AskedServer,
  { io, file }: { io: Pick<CliIo, 'env' | 'cwd'>; file: string },
): Launch {
  const [first, ...rest] = asked.target;
  if (first === undefined || first === '') {
    throw usageFailure(
      'neither a command nor a URL was given',
      `write mcp-marshal add ${asked.name} -- COMMAND, or mcp-marshal add ${asked.name} https://HOST/PATH`,
    );
  }
  return /^[a-z][a-z\d+.-]*:\/\//i.test(first) ? remote(asked, first, rest) : local(asked, { io, file });
}

function remote({ name, env, headers, cwd, type }: AskedServer, url: string, rest: readonly string[]): Launch {
  if (!/^https?:\/\//i.test(url))
    throw usageFailure('a server is reached over http or https', 'write https://HOST/PATH');
  if (rest.length > 0) {
    throw usageFailure(
      'more words follow the URL, which has no arguments',
      "write headers as --header 'Name: value', and quote a URL that holds blanks or &",
    );
  }
  const [foreign] = [...(env.length > 0 ? ['--env'] : []), ...(cwd === undefined ? [] : ['--cwd'])];
  if (foreign !== undefined) throw usageFailure(`${foreign} is for a server that is started here`, 'leave it out');
  if (type === 'stdio') throw usageFailure('--type stdio is for a command', `write mcp-marshal add ${name} -- COMMAND`);
  return { type: type ?? (isOlderAddress(url) ? 'sse' : 'http'), url, headers: toHeaders(headers) };
}

function local(
  { name, target, env, headers, cwd, type }: AskedServer,
  { io, file }: { io: Pick<CliIo, 'env' | 'cwd'>; file: string },
): Launch {
  const [command = '', ...args] = target;
  if (headers.length > 0) throw usageFailure('--header is for a server behind a URL', 'write --env KEY=VALUE');
  if (type !== undefined && type !== 'stdio') {
    throw usageFailure(`--type ${type} is for a URL`, `write mcp-marshal add ${name} https://HOST/PATH --type ${type}`);
  }
  const mistake = mistakeIn(command, { name, hasArgs: args.length > 0 });
  if (mistake !== undefined) throw usageFailure(mistake.message, mistake.fix);
  const place = (path: string): string => ownPath(resolvePath(path, io.cwd, io.env), { file, cwd: io.cwd });
  const isPath = /^[^/\\]*[/\\]/.test(command) && !command.startsWith('${');
  // What is relative means something in this folder alone.
  const folder = cwd ?? (args.some(isRelativeArgument) ? io.cwd : undefined);
  return {
    command: isPath ? dotted(place(command)) : command,
    args,
    env: toVariables(env),
    ...(folder !== undefined && { cwd: place(folder) }),
  };
}

/** What people write in the place of a command, and what they mean. Shows nothing of what stands behind a `=`. */
function mistakeIn(
  command: string,
  { name, hasArgs }: { name: string; hasArgs: boolean },
): { message: string; fix: string } | undefined {
  const [, variable] = /^([A-Za-z_]\w*)=/.exec(command) ?? [];
  if (variable !== undefined) {
    const message = `${variable}=… stands in the place of the command`;
    return { message, fix: `write --env before each variable: --env ${variable}=VALUE -- COMMAND` };
  }
  if (/^@[\w.-]+\/[\w.-]+(?:@[\w.-]+)?$/.test(command)) {
    return {
      message: `${command} is a package, and no command`,
      fix: `write mcp-marshal add ${name} -- npx -y ${command}`,
    };
  }
  if (hasArgs) return undefined;
  if (/^[^\s\\/]+\s/.test(command)) {
    return {
      message: 'the command is one word with blanks in it, and no program has such a name',
      fix: `leave the quotes around it out: mcp-marshal add ${name} -- COMMAND ARGUMENTS`,
    };
  }
  if (/^(?:(?:localhost|[\d.]+):\d+|[\w-]+(?:\.[\w-]+)+(?::\d+)?(?=\/(?:mcp|sse)\/?$))/.test(command)) {
    return { message: 'the command looks like an address', fix: 'write it with https:// or http:// before it' };
  }
  return undefined;
}

/** A path as the configuration has it: relative to it where it stands in the project that is worked in, which may lie elsewhere tomorrow. */
export function ownPath(path: string, { file, cwd }: { file: string; cwd: string }): string {
  const folder = dirname(file);
  const isInside = (inner: string, outer: string): boolean => {
    const way = relative(outer, inner);
    return !way.startsWith('..') && !isAbsolute(way);
  };
  if (!isInside(folder, resolve(cwd)) || !isInside(path, folder)) return path;
  return relative(folder, path).replaceAll('\\', '/') || '.';
}

/** A bare name would be looked up on the search path. */
function dotted(path: string): string {
  return isAbsolute(path) || path.startsWith('.') ? path : `./${path}`;
}
