import type { Client, Notice } from '../../core/protocol/client.ts';

/** A client as the instances know it that serve it. */
export interface Visitor {
  client: Client;
  /** The lowest level of log messages that it wants in its session; absent where it has not said. */
  level(): string | undefined;
  /** A notification of a server that belongs to no request. */
  hear(server: string, notice: Notice): void;
}
