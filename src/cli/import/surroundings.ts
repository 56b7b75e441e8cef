import type { Surroundings } from '../../clients/client-files.ts';
import { resolvePath } from '../../config/variables/resolve-path.ts';
import type { CliIo } from '../io.ts';

/** Where the clients of whoever runs this command keep their files. */
export function surroundingsOf({ env, cwd }: Pick<CliIo, 'env' | 'cwd'>): Surroundings {
  const profile = env['USERPROFILE'];
  const isWindows = process.platform === 'win32' && profile !== undefined && env['HOME'] === undefined;
  return { platform: process.platform, env, home: isWindows ? profile : resolvePath('~', cwd, env), cwd };
}
