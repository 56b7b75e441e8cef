import { checkAccess } from '../../access/check-access.ts';
import type { Config } from '../../config/config.ts';
import type { ListenAddress } from '../../config/schema/listen-address.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { isLoopback } from './parse-address.ts';

/**
 * Sees to it that nobody is served over HTTP who need not prove who they are, and somebody can. Throws a failure that says what to add;
 * resolves with what is risky about it all the same.
 */
export async function requireAccess(
  { auth, stateDir, file }: Pick<Config, 'auth' | 'stateDir' | 'file'>,
  { host, port }: ListenAddress,
): Promise<readonly string[]> {
  const { isOpenToAnybody, problems } = await checkAccess({ auth, stateDir, nowMs: Date.now() });
  if (problems.length > 0) throw refuse(problems.join('\n'), 'mend that, and start again');
  if (!isOpenToAnybody) {
    const found = auth.tokens ? 'there is no token that is valid' : 'auth.tokens is false';
    const create = auth.tokens ? `mcp-marshal token create NAME --config ${file}` : 'auth.tokens: true';
    const open = isLoopback(host)
      ? `; or --no-auth, if every program on this machine may call every tool`
      : `; without authentication it serves this machine alone (--http ${port} --no-auth)`;
    throw refuse(
      `over HTTP clients have to prove who they are, and none could: ${found}, and auth.jwt is not configured`,
      `write ${create}, or configure auth.jwt${open}`,
    );
  }
  const isPlain = auth.tls === undefined && auth.url?.startsWith('https:') !== true;
  return isPlain && !isLoopback(host)
    ? [
        'others can reach it and it speaks plain HTTP, so tokens can be read on the way: configure auth.tls, or let a proxy in front do TLS and write its address as auth.url',
      ]
    : [];
}

function refuse(message: string, fix: string): CliFailure {
  return new CliFailure(message, { exitCode: exitCodes.usage, code: 'no_authentication', fix });
}
