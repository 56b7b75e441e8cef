import type { Connection } from '../connection/open-connection.ts';
import type { Upstream } from '../upstream.ts';
import { mostVerbose } from './log-levels.ts';
import { requestSoon } from './request-soon.ts';
import type { Visitor } from './visitor.ts';

/** The log level of one legacy server, which has one for all who share it. Each gets what it wants of what comes. */
export interface LogLevel {
  /** Sets what is wanted now, if it differs from what is set. */
  update(): void;
  /** Has messages of this level come. Absent: they do. Else to be awaited. */
  raise(level: string): Promise<void> | undefined;
  /** Sets on a new connection what was set on the one before. */
  restore(connection: Connection): void;
}

/** Nothing is set for servers that do not log, nor for those of the modern era, which are told with each request. */
export function createLogLevel(upstream: Upstream, visitors: ReadonlySet<Visitor>): LogLevel {
  let set: string | undefined;
  let raised: string | undefined;
  let setting: Promise<void> | undefined;

  const wanted = (): string | undefined => {
    const legacy = [...visitors].filter(({ client }) => client.era === 'legacy').map((visitor) => visitor.level());
    const said = legacy.filter((level) => level !== undefined);
    if (raised !== undefined) said.push(raised);
    else if (said.length === 0) return undefined;
    // Who never set a level gets what the server sends of itself, which is everything with most of them.
    return legacy.includes(undefined) ? 'debug' : mostVerbose(said);
  };
  const apply = (): void => {
    const level = wanted();
    if (level === undefined || level === set) return;
    set = level;
    const running = requestSoon(upstream, 'logging/setLevel', { level }).then(() => {
      if (setting === running) setting = undefined;
    });
    setting = running;
  };

  return {
    update() {
      if (hasLevels(upstream.connection())) apply();
    },
    raise(level) {
      if (set !== undefined && mostVerbose([set, level]) === set) return setting;
      raised = raised === undefined ? level : mostVerbose([raised, level]);
      // Without a connection it is set on the next one, before anything else is sent.
      if (!hasLevels(upstream.connection())) return undefined;
      apply();
      return setting;
    },
    restore(connection) {
      set = undefined;
      const level = wanted();
      if (level === undefined || !hasLevels(connection)) return;
      set = level;
      void connection.peer.request('logging/setLevel', { level });
    },
  };
}

function hasLevels(connection: Connection | undefined): boolean {
  return connection?.verdict.kind === 'legacy' && connection.words.capabilities['logging'] !== undefined;
}
