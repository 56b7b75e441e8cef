import type { Config } from '../../config/config.ts';
import type { Logger } from '../../lib/logger.ts';
import type { RunningTelemetry } from '../../telemetry/open-telemetry.ts';
import { findSetUp, readWanted } from '../../telemetry/wanted-telemetry.ts';
import type { CliContext } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { toListenFailure } from './listen-failure.ts';

/** What `serve` tells of what it does, where the configuration or the environment wants that. Loads nothing where they do not. */
export async function openTelemetry(
  { io }: CliContext,
  { config, logger }: { config: Config; logger: Logger },
): Promise<RunningTelemetry | undefined> {
  const { metrics } = config.telemetry;
  const wanted = readWanted(io.env, { metrics, isSetUp: findSetUp() });
  if (wanted === undefined) return undefined;
  const telemetry = await import('../../telemetry/open-telemetry.ts');
  return telemetry.openTelemetry(wanted, { logger, env: io.env }).catch((error: unknown) => {
    throw wanted.prometheus === undefined ? error : explain(toListenFailure(error, wanted.prometheus));
  });
}

function explain(failure: unknown): unknown {
  if (!(failure instanceof CliFailure)) return failure;
  const { exitCode, code } = failure;
  const fix = 'end the program that has it, or write another address as telemetry.metrics, such as 127.0.0.1:9465';
  return new CliFailure(`no metrics can be shown: ${failure.message}`, { exitCode, code, fix });
}
