import { formatCounted } from '../../../batch/reply/format-amount.ts';
import type { Config } from '../../../config/config.ts';
import { showInvisible } from '../../../core/text/show-invisible.ts';
import type { CheckReport } from '../../check-report.ts';
import type { LockDifference } from '../../lock/lock-differences.ts';
import { listNames } from '../finding.ts';
import type { Finding } from '../finding.ts';

/** What is not as the lock file has it, server by server; that there is none, where one would be looked at. */
export function judgeLock(
  { lockFile, lock: accepted }: Pick<Config, 'lockFile' | 'lock'>,
  lock: CheckReport['lock'],
): Finding[] {
  const about = 'lock' as const;
  if (accepted === undefined || lock === undefined) {
    if (lockFile === undefined) return [];
    const message = `there is no lock file ${lockFile}: a server that changes a tool after you looked at it is not noticed`;
    return [
      { level: 'note', code: 'no-lock', about, message, fix: 'write it with mcp-marshal lock, or lock: none for none' },
    ];
  }
  const servers = [...new Set(lock.differences.map(({ server }) => server))];
  return servers.map((server): Finding => {
    const own = lock.differences.filter((difference) => difference.server === server);
    const { level, what, mend } = judgeServer(server, { own, file: lock.file });
    const code = level === 'problem' ? 'tools-changed' : 'lock-outdated';
    return { level, code, about, server, message: what, fix: `${mend} with mcp-marshal lock --update ${server}` };
  });
}

function judgeServer(
  server: string,
  { own, file }: { own: readonly LockDifference[]; file: string },
): { level: 'problem' | 'note'; what: string; mend: string } {
  const refused = own.filter(({ isQuarantined }) => isQuarantined);
  const whole = own.find(({ tool }) => tool === undefined);
  const tools = (refused.length > 0 ? refused : own).flatMap(({ tool, change }) =>
    tool === undefined ? [] : [`${showInvisible(tool)} (${change})`],
  );
  const counted = `${formatCounted(tools.length, 'tool')} of ${server}`;
  if (refused.length === 0) {
    const gone = whole === undefined ? `${counted}: ${listNames(tools)}` : `the server ${server}`;
    return { level: 'note', what: `${file} has what is not there any more: ${gone}`, mend: 'take that out' };
  }
  const look = 'look at the difference with mcp-marshal lock, and accept it';
  if (whole?.change === 'new') {
    return { level: 'problem', what: `the server ${server} is not in ${file}, so its calls are refused`, mend: look };
  }
  const launch = whole === undefined ? [] : [`${server} is started or reached in another way`];
  const changed =
    tools.length === 0 ? [] : [`${counted} ${tools.length === 1 ? 'is' : 'are'} not as accepted: ${listNames(tools)}`];
  const what = `${[...launch, ...changed].join(', and ')}; ${file} says otherwise, so calls are refused`;
  return { level: 'problem', what, mend: look };
}
