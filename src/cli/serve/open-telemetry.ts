import type { Config } from '../../config/config.ts';
import type { Logger } from '../../lib/logger.ts';
import type { RunningTelemetry } from '../../telemetry/open-telemetry.ts';
import { findSetUp, readWanted } from '../../telemetry/wanted-telemetry.ts';
import type { CliContext } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { toListenFailure } from './listen-failure.ts';

export interface TelemetryOptions {
  config: Config;
  logger: Logger;
  /** Whether this proxy is one of several: each client over stdio starts its own, and only the first of them can have a port. */
  isOneOfSeveral: boolean;
}

/** What `serve` tells of what it does, where the configuration or the environment wants that. Loads nothing where they do not. */
export async function openTelemetry(
  { io }: CliContext,
  { config, logger, isOneOfSeveral }: TelemetryOptions,
): Promise<RunningTelemetry | undefined> {
  const { metrics } = config.telemetry;
  const wanted = readWanted(io.env, { metrics, isSetUp: findSetUp() });
  if (wanted === undefined) return undefined;
  const telemetry = await import('../../telemetry/open-telemetry.ts');
  return telemetry.openTelemetry(wanted, { logger, env: io.env }).catch((error: unknown) => {
    const failure = wanted.prometheus === undefined ? error : toListenFailure(error, wanted.prometheus);
    if (!(failure instanceof CliFailure)) throw failure;
    const message = `no metrics can be shown: ${failure.message}`;
    if (!isOneOfSeveral) throw new CliFailure(message, { exitCode: failure.exitCode, code: failure.code, fix: mend });
    logger.warn({}, `${message}; calls go on without. ${mendForSeveral}`);
    return telemetry.openTelemetry({ ...wanted, prometheus: undefined, warnings: [] }, { logger, env: io.env });
  });
}

const mend = 'end the program that has it, or write another address as telemetry.metrics, such as 127.0.0.1:9465';
const mendForSeveral =
  'Where several clients start a proxy each, one over HTTP can serve them all (serve --http), and shows the metrics of all';
