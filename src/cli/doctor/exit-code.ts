import { exitCodeOf } from '../check-report.ts';
import type { HeldServers } from '../check-report.ts';
import { exitCodes } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import { worstLevel } from './finding.ts';
import type { Finding } from './finding.ts';

/**
 * The exit code by the worst: a configuration that is not valid, since nothing else is known then; tools that have changed, servers that
 * are not there, logins, as `check` has it; then whatever else is more than a note.
 */
export function exitCodeOfFindings(findings: readonly Finding[], report: HeldServers | undefined): ExitCode {
  const isInvalid = findings.some(({ about, level }) => about === 'configuration' && level === 'problem');
  if (isInvalid) return exitCodes.usage;
  const ofServers = report === undefined ? exitCodes.ok : exitCodeOf(report);
  if (ofServers !== exitCodes.ok) return ofServers;
  const worst = worstLevel(findings);
  // No code of its own stands for the rest; any but 0 tells a script that there is something.
  return worst === 'problem' || worst === 'warning' ? exitCodes.unexpected : exitCodes.ok;
}
