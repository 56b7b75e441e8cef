import type { ServerConfig } from '../config/config.ts';
import type { Notice } from '../core/protocol/client.ts';
import type { Logger } from '../lib/logger.ts';
import type { Credentials } from './auth/credentials.ts';
import type { Connection, Verdict } from './connection/open-connection.ts';
import type { KeptServer } from './kept-catalog.ts';
import type { UpstreamTimings } from './pace/timings.ts';
import type { AnswerQuestion } from './peer/server-questions.ts';

export interface UpstreamOptions {
  server: ServerConfig;
  logger: Logger;
  /** Of this server, shared by all connections to it. Absent: its configuration holds all that there is, or it needs none. */
  credentials?: Credentials | undefined;
  /** What is known from the last run. Without tools it counts as a first run. */
  kept?: Partial<KeptServer> | undefined;
  /** The phase has changed. */
  onState?: () => void;
  /** A tool list was read that is the first one of a connection, or differs from the one before. */
  onTools?: (listed: KeptServer & { verdict: Verdict }) => void;
  /** It has said that its tools, resources or prompts changed, or its connection has ended. */
  onStale?: () => void;
  /** A connection has been made, and no request has gone over it yet. */
  onConnected?: (connection: Connection) => void;
  /** Changes may have been missed, on a connection that stands. */
  onGap?: () => void;
  /** Gets what belongs to no request. Changed tools are read, and told here only where they read as before. */
  onNotice?: (notice: Notice) => void;
  onQuestion?: AnswerQuestion;
  timings?: Partial<UpstreamTimings> | undefined;
  /** 0 to 1, for the jitter of reconnections. */
  random?: (() => number) | undefined;
}
