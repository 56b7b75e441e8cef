import type { Logger } from '../../lib/logger.ts';
import type { ConnectionGate } from '../connection/connection-gate.ts';
import type { Pause } from '../pace/pause.ts';
import type { Credentials } from './credentials.ts';

export interface RestOptions {
  credentials: Credentials;
  gate: ConnectionGate;
  pause: Pause;
  logger: Logger;
  /** How long the server is left alone, where nobody logs in. */
  loginMs: number;
}

/** Leaves a server alone that wants a login, until there is something new to try. Calls fail meanwhile, at once. */
export async function restForLogin({ credentials, gate, pause, logger, loginMs }: RestOptions): Promise<void> {
  const reason = credentials.lack() ?? '';
  logger.warn({ reason }, 'needs a login');
  gate.shut('failed', reason);
  const stopHearing = credentials.onChange(pause.wake);
  await pause.rest(loginMs);
  stopHearing();
  credentials.retry();
  gate.shut('connecting', reason);
}
