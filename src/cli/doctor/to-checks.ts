import { formatCounted } from '../../batch/reply/format-amount.ts';
import type { Config } from '../../config/config.ts';
import type { CheckReport } from '../check-report.ts';
import type { Check } from './examination.ts';
import { worstLevel } from './finding.ts';
import type { Area, Finding } from './finding.ts';
import type { PortFacts } from './gather/system/look-at-ports.ts';
import type { StateFacts } from './gather/look-at-state.ts';
import type { ProgramFacts } from './judge/judge-node.ts';
import type { Written } from './written/read-written.ts';

interface Seen {
  program: ProgramFacts;
  config: Config | undefined;
  written: Written | undefined;
  lock: CheckReport['lock'];
  state: StateFacts | undefined;
  port: PortFacts | undefined;
}

/** What was looked at beside servers and clients, each with the worst that was found there. */
export function toChecks({ program, config, written, lock, state, port }: Seen, findings: readonly Finding[]): Check[] {
  const check = (name: Area, says: string | undefined, absent: string): Check => {
    const level = worstLevel(findings.filter(({ about }) => about === name));
    return { name, state: level ?? (says === undefined ? 'skipped' : 'ok'), says: says ?? absent };
  };
  const isMissing = findings.some(({ code }) => code === 'no-configuration');
  const unknown = 'not looked at: the configuration is not valid';
  return [
    check('node', `${program.node} (needs ${program.engines})`, unknown),
    check('configuration', config?.file ?? written?.file, isMissing ? 'not found' : 'cannot be read'),
    check('policies', config && describePolicies(config), unknown),
    check('lock', lock?.file, config === undefined ? unknown : 'no lock file'),
    check('state', state && describeState(state), unknown),
    check(
      'ports',
      port && `${port.key} at ${port.host}:${port.port}`,
      config === undefined ? unknown : 'none is configured',
    ),
    check('secrets', written && (written.envFile ?? 'no envFile'), unknown),
  ];
}

function describePolicies({ servers }: Config): string {
  const own = servers.filter(({ policy }) => policy.file !== undefined);
  return `${own.length} of ${formatCounted(servers.length, 'server')} with a policy`;
}

function describeState({ stateDir, exists, proxies }: StateFacts): string {
  const running = proxies.length === 0 ? '' : `; running now: process ${proxies.join(', ')}`;
  return `${stateDir}${exists ? '' : ' (not there yet)'}${running}`;
}
