import type { Config, ServerConfig } from '../../config/config.ts';
import { suggest } from '../../config/schema/suggest.ts';
import { AuthFailure } from '../../upstream/auth/auth-failure.ts';
import { beginLogin } from '../../upstream/auth/login/begin-login.ts';
import type { LoginStore, StoredLogin } from '../../upstream/auth/login/login-store.ts';
import { createLoginStore } from '../../upstream/auth/login/login-store.ts';
import type { RemoteServer } from '../../upstream/auth/remote-server.ts';
import { toRemoteServer } from '../../upstream/auth/remote-server.ts';
import type { CliContext } from '../context.ts';
import { CliFailure, exitCodes, interruptedFailure, usageFailure } from '../failure.ts';
import { describeLogin, toLoginRecord } from '../login/describe-login.ts';
import { openPage } from '../login/open-page.ts';
import type { RedirectListener } from '../login/redirect-listener.ts';
import { openRedirectListener } from '../login/redirect-listener.ts';
import { print, printJson, tell } from '../output.ts';
import { openConfig, tellWarnings } from '../proxy/open-proxy.ts';

export interface LoginOptions {
  server: string | undefined;
  status: boolean;
  forget: boolean;
  browser: boolean;
  /** Where the browser comes back to; absent: any that is free. */
  port: number | undefined;
}

/** Long enough to find a password, and no longer than codes are good for. */
const answerLimitMs = 300_000;

/** Logs a person in to a server, says whether somebody is, or forgets it. */
export async function login(context: CliContext, options: LoginOptions): Promise<number> {
  const { server, status, forget, browser, port } = options;
  const config = await openConfig(context);
  tellWarnings(context, config);
  if (status && server === undefined) return showAll(context, config);
  const remote = findRemote(config, server);
  const store = storeOf(context, config, remote);
  if (status) return show(context, remote, store);
  if (forget) return forgetLogin(context, remote, store);
  if (remote.auth?.type === 'client_credentials') {
    throw usageFailure(`${remote.name} needs no login: mcp-marshal gets its tokens by itself`, 'see mcp-marshal check');
  }
  const listener = await listenAt(port);
  try {
    await store.write(await logIn(context, remote, { listener, browser }));
  } finally {
    listener.close();
  }
  return show(context, remote, store);
}

async function listenAt(port: number | undefined): Promise<RedirectListener> {
  try {
    return await openRedirectListener(port);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new CliFailure(`cannot listen at 127.0.0.1${port === undefined ? '' : `:${port}`} (${code})`, {
      exitCode: exitCodes.unexpected,
      code: 'listen_failed',
      fix: port === undefined ? '' : 'end what listens there, or register another port and name that',
    });
  }
}

async function logIn(
  context: CliContext,
  remote: RemoteServer,
  { listener, browser }: { listener: RedirectListener; browser: boolean },
): Promise<StoredLogin> {
  const { io, stop } = context;
  try {
    const begun = await beginLogin(remote, { redirectUrl: listener.url, signal: stop });
    const isOpen = browser && openPage(begun.pageUrl, io);
    const asked = isOpen ? 'if your browser has not opened this page, open it' : 'open this page';
    tell(context, [`to log in to ${remote.name}, ${asked}:`, begun.pageUrl]);
    const answer = await within(listener.answer(begun.isOurs), stop);
    if (answer === undefined && !stop.aborted) {
      throw new AuthFailure(`nobody has logged in within ${answerLimitMs / 60_000} minutes`, { kind: 'refused' });
    }
    if (answer === undefined) throw interruptedFailure();
    return await begun.finish(answer);
  } catch (error) {
    if (stop.aborted) throw interruptedFailure();
    if (!(error instanceof AuthFailure)) throw error;
    const exitCode = error.kind === 'away' ? exitCodes.unreachable : exitCodes.authentication;
    throw new CliFailure(`cannot log in to ${remote.name}: ${error.message}`, { exitCode, code: 'login_failed' });
  }
}

/** Nothing when the time is over, or the command was stopped. */
async function within<T>(work: Promise<T>, stop: AbortSignal): Promise<T | undefined> {
  let end = (): void => {};
  const over = new Promise<undefined>((resolve) => (end = () => resolve(undefined)));
  const timer = setTimeout(end, answerLimitMs);
  stop.addEventListener('abort', end, { once: true });
  if (stop.aborted) end();
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', end);
  }
}

function show(context: CliContext, { name }: RemoteServer, store: LoginStore): number {
  const record = toLoginRecord(name, store.find(), Date.now());
  if (context.json) printJson(context, record);
  else print(context, [describeLogin(record)]);
  return record.state === 'logged in' ? exitCodes.ok : exitCodes.authentication;
}

function showAll(context: CliContext, config: Config): number {
  const remotes = remotesOf(config).filter(({ auth }) => auth?.type !== 'client_credentials');
  const records = remotes.map((remote) =>
    toLoginRecord(remote.name, storeOf(context, config, remote).find(), Date.now()),
  );
  if (context.json) printJson(context, { logins: records });
  else print(context, records.map(describeLogin));
  return exitCodes.ok;
}

function forgetLogin(context: CliContext, { name }: RemoteServer, store: LoginStore): number {
  const wasThere = store.remove();
  if (context.json) printJson(context, { server: name, forgotten: wasThere });
  else print(context, [wasThere ? `${name}: the login is forgotten` : `${name}: there was no login`]);
  return exitCodes.ok;
}

function storeOf(context: CliContext, { stateDir }: Config, server: RemoteServer): LoginStore {
  const logger = { warn: (_: object, message: string): void => tell(context, [`${server.name}: ${message}`]) };
  return createLoginStore({ server, stateDir, logger });
}

function remotesOf({ servers }: Config): RemoteServer[] {
  return servers.flatMap((server) => toRemoteServer(server) ?? []);
}

function findRemote(config: Config, name: string | undefined): RemoteServer {
  const names = remotesOf(config).map((remote) => remote.name);
  const list = names.length === 0 ? 'the configuration has none behind a url' : `write one of ${names.join(', ')}`;
  if (name === undefined) throw usageFailure('login takes the name of a server', list);
  const server = config.servers.find((one) => one.name === name);
  if (server === undefined) {
    const near = suggest(name, names);
    throw usageFailure(`there is no server "${name}"`, near === undefined ? list : `did you mean ${near}?`);
  }
  return toRemoteServer(server) ?? refuse(server);
}

function refuse({ name, transport }: ServerConfig): never {
  if (transport.type === 'stdio') {
    throw usageFailure(`${name} is started here, and needs no login`, 'give it what it needs as env');
  }
  throw usageFailure(`${name} has an Authorization of its own in headers, which is sent`, 'remove that to log in');
}
