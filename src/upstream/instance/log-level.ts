import type { Connection } from '../connection/open-connection.ts';
import type { Upstream } from '../upstream.ts';
import { mostVerbose } from './log-levels.ts';
import { requestSoon } from './request-soon.ts';
import type { Visitor } from './visitor.ts';

/** What servers send of themselves is not known. Most of them that can be told a level begin with this one. */
const assumedDefault = 'info';

/** The log level of one legacy server, which has one for all who share it. Each gets what it wants of what comes. */
export interface LogLevel {
  /** Sets what is wanted now, if it differs from what is set. */
  update(): void;
  /** Has messages of this level come. Absent: they do. Else to be awaited. */
  raise(level: string): Promise<void> | undefined;
  /** Sets on a new connection what was set on the one before. */
  restore(connection: Connection): void;
  /** What a session wants that has set no level; absent: all that comes, since the server sends what it does of itself. */
  ofUnset(): string | undefined;
}

/** Nothing is set for servers that do not log, nor for those of the modern era, which are told with each request. */
export function createLogLevel(upstream: Upstream, visitors: () => readonly Visitor[]): LogLevel {
  let set: string | undefined;
  let raised: string | undefined;
  let setting: Promise<void> | undefined;

  const wanted = (): string | undefined => {
    const sessions = visitors().filter(({ client }) => client.era === 'legacy');
    const legacy = sessions.map((visitor) => visitor.level());
    const said = legacy.filter((level) => level !== undefined);
    if (raised !== undefined) said.push(raised);
    else if (said.length === 0) return undefined;
    if (!legacy.includes(undefined)) return mostVerbose(said);
    // Who never set a level gets what the server sends of itself: it is told only where somebody wants more, or once it has been.
    const level = mostVerbose([...said, assumedDefault]);
    return level === assumedDefault && set === undefined ? undefined : level;
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
    ofUnset: () => (set === undefined ? undefined : assumedDefault),
  };
}

function hasLevels(connection: Connection | undefined): boolean {
  return connection?.verdict.kind === 'legacy' && connection.words.capabilities['logging'] !== undefined;
}
