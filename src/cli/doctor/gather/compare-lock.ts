import type { Catalog } from '../../../catalog/build-catalog.ts';
import type { Config } from '../../../config/config.ts';
import { toAskedServers } from '../../check-report.ts';
import type { CheckedServer, CheckReport } from '../../check-report.ts';
import { findDifferences, findGone } from '../../lock/lock-differences.ts';

/** The lock file held against what the servers list now; without a catalogue, against how they are started and reached. */
export async function compareLock(
  config: Config,
  servers: readonly CheckedServer[],
  catalog: Catalog | undefined,
): Promise<CheckReport['lock']> {
  const { lock, lockFile, stateDir } = config;
  if (lock === undefined || lockFile === undefined) return undefined;
  const differences = await findDifferences(lock, toAskedServers(config, servers, catalog), { stateDir });
  return { file: lockFile, differences: [...differences, ...findGone(lock, config.servers)] };
}
