import type { Finding } from '../finding.ts';
import type { PortFacts } from '../gather/system/look-at-ports.ts';

/** Whether an address that the configuration names can be listened at. A proxy of ours that has it already is as it should be. */
export function judgePort(facts: PortFacts, proxies: readonly number[]): Finding[] {
  const { host, port, key, code, owner } = facts;
  if (code === undefined) return [];
  const about = 'ports' as const;
  const next = port >= 65_535 ? 9_464 : port + 1;
  if (code === 'EADDRINUSE') {
    if (owner !== undefined && proxies.includes(owner.pid)) {
      const message = `${key}: port ${port} of ${host} is held by a proxy of ours that runs (process ${owner.pid}): another one has no metrics`;
      return [
        {
          level: 'note',
          code: 'port-ours',
          about,
          message,
          fix: `end it with kill ${owner.pid}, or leave it: it is scraped`,
        },
      ];
    }
    const who = owner === undefined ? 'by another program' : `by process ${owner.pid} (${owner.program})`;
    const message = `${key}: port ${port} of ${host} is held ${who}`;
    const end = owner === undefined ? 'end that program' : `end it with kill ${owner.pid}`;
    return [{ level: 'problem', code: 'port-held', about, message, fix: `${end}, or write ${key}: ${next}` }];
  }
  const message = `${key}: port ${port} of ${host} cannot be listened at (${code})`;
  const fix =
    code === 'EACCES'
      ? `write a port from 1024 on: ${key}: 9464`
      : `write an address of this machine: ${key}: 127.0.0.1:${port}`;
  return [{ level: 'problem', code: 'port-unusable', about, message, fix }];
}
