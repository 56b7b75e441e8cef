import { UnsentError } from '../peer/failure/unsent-error.ts';
import { LoginNeeded } from './login-needed.ts';
import type { RemoteServer } from './remote-server.ts';
import type { Renewal, Token, TokenSource } from './token.ts';
import { freshMs, isDue } from './token.ts';

/** How this process proves to one server who it is, over all connections to it. */
export interface Credentials {
  /**
   * What to send as `Authorization` now, if anything. A promise only where it has to be fetched first.
   * @throws LoginNeeded where nothing can be sent; a promise may reject with it, or with an UnsentError
   */
  current(): string | undefined | Promise<string | undefined>;
  /**
   * What to send instead of `sent`, which was refused with HTTP 401; nothing where that seems to be no matter of logging in.
   * `challenge` is the header `WWW-Authenticate`. Rejects as `current` does.
   */
  renewed(sent: string | undefined, challenge: string | undefined): Promise<string | undefined>;
  /** Why nothing is sent until a person has done something, and what; absent where requests are. */
  lack(): string | undefined;
  /** Has requests be sent again after a lack, to see whether it is one still. */
  retry(): void;
  /** Calls `listener` when there is something new to try after a lack; returns what ends that. */
  onChange(listener: () => void): () => void;
  /** What is never to be shown: tokens that were learnt, and what they were got with. */
  secrets(): readonly string[];
  close(): void;
}

export interface CredentialsOptions {
  server: Pick<RemoteServer, 'headers' | 'auth'>;
  source: TokenSource;
  /** Wall clock, in milliseconds since 1970. */
  now?: () => number;
  /** How often it is looked whether a person has logged in, while that is waited for. */
  lookEveryMs?: number;
}

/** A person comes from the browser, and goes on. */
const defaultLookEveryMs = 1000;
/** An authorization server that gave no token is not asked by each of many calls. */
const failedMs = 5000;

/** One renewal at a time, whoever needs it: servers take a refresh token that is used twice for a stolen one. */
export function createCredentials(options: CredentialsOptions): Credentials {
  const { server, source, now = Date.now, lookEveryMs = defaultLookEveryMs } = options;
  const listeners = new Set<() => void>();
  let token = source.read();
  let lack: string | undefined;
  let flight: Promise<Renewal> | undefined;
  /** The token that was got because the one before was refused. */
  let cure: { value: string; untilMs: number } | undefined;
  let failed: { renewal: Renewal; untilMs: number } | undefined;
  let looking: NodeJS.Timeout | undefined;
  let isClosed = false;

  const header = (): string | undefined => token && `Bearer ${token.value}`;
  const stopLooking = (): void => {
    clearInterval(looking);
    looking = undefined;
  };
  const adopt = (found: Token): void => {
    token = found;
    lack = undefined;
    failed = undefined;
    stopLooking();
  };
  const look = (): void => {
    if (!source.hasNews()) return;
    const found = source.read();
    if (found === undefined) return;
    adopt(found);
    for (const listener of listeners) listener();
  };
  const give = (reason: string): LoginNeeded => {
    lack = `${reason}; ${source.remedy}`;
    if (!isClosed) looking ??= setInterval(look, lookEveryMs).unref();
    return new LoginNeeded(lack);
  };
  const renew = (): Promise<Renewal> => {
    if (failed !== undefined && performance.now() < failed.untilMs) return Promise.resolve(failed.renewal);
    flight ??= source.renew(token).then((renewal) => {
      flight = undefined;
      if (renewal.kind === 'token') adopt(renewal.token);
      else failed = { renewal, untilMs: performance.now() + failedMs };
      return renewal;
    });
    return flight;
  };
  const fetchHeader = async (): Promise<string | undefined> => {
    const renewal = await renew();
    if (renewal.kind === 'refused') throw give(renewal.reason);
    if (renewal.kind === 'away') throw new UnsentError(renewal.reason, { fault: 'transport' });
    return header();
  };
  const cureRefusal = async (): Promise<string | undefined> => {
    const value = await fetchHeader();
    if (token !== undefined) cure = { value: token.value, untilMs: performance.now() + freshMs(token) };
    return value;
  };
  /** Whether a 401 is to be taken for the wish that somebody logs in: some servers use it for a wrong key in another header. */
  const asksForLogin = (challenge = ''): boolean =>
    server.auth !== undefined || /\bresource_metadata=/i.test(challenge) || Object.keys(server.headers).length === 0;

  return {
    current() {
      if (lack !== undefined) throw new LoginNeeded(lack);
      if (token === undefined) return source.isEager ? fetchHeader() : undefined;
      const nowMs = now();
      if (!isDue(token, nowMs)) return header();
      if (nowMs >= (token.expiresAtMs ?? Infinity)) return fetchHeader();
      // In good time, while requests go on with the one that holds, to its end if need be.
      void renew();
      return header();
    },
    async renewed(sent, challenge) {
      if (lack !== undefined) throw new LoginNeeded(lack);
      if (flight !== undefined) return cureRefusal();
      // Another request has been here before.
      if (token !== undefined && header() !== sent) return header();
      const found = source.read();
      if (found !== undefined && found.value !== token?.value) {
        adopt(found);
        return header();
      }
      if (token === undefined) {
        if (source.isEager) return cureRefusal();
        if (!asksForLogin(challenge)) return undefined;
        throw give(source.absence());
      }
      if (token.value === cure?.value && performance.now() < cure.untilMs) {
        throw give('it refuses the token that was got for it a moment ago (HTTP 401)');
      }
      if (!token.isRenewable) throw give('it takes our token no longer (HTTP 401)');
      return cureRefusal();
    },
    lack: () => lack,
    retry() {
      lack = undefined;
      failed = undefined;
      stopLooking();
      token = source.read();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    secrets: source.secrets,
    close() {
      isClosed = true;
      stopLooking();
      listeners.clear();
    },
  };
}
