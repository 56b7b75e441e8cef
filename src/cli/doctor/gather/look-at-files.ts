import { stat } from 'node:fs/promises';
import type { Config } from '../../../config/config.ts';
import { within } from './system/within.ts';

/** A file that the configuration is made of, and who may do what with it. */
export interface SeenFile {
  /** Absolute. */
  path: string;
  /** `secrets`: `envFile`, or what `${file:…}` names. */
  kind: 'configuration' | 'policy' | 'secrets' | 'lock';
  othersRead: boolean;
  othersWrite: boolean;
}

/** Files answer at once, unless their drive is gone. */
const limitMs = 1_000;

/** Who but its owner may read and write each file. Windows has no modes: nothing is said of files there. Never rejects. */
export async function lookAtFiles(
  paths: readonly string[],
  config: Pick<Config, 'file' | 'lockFile' | 'servers'>,
): Promise<SeenFile[]> {
  if (process.platform === 'win32') return [];
  const policies = new Set(config.servers.map(({ policy }) => policy.file));
  const kindOf = (path: string): SeenFile['kind'] => {
    if (path === config.file) return 'configuration';
    if (path === config.lockFile) return 'lock';
    return policies.has(path) || /\.policy\.|[\\/]policies[\\/]/.test(path) ? 'policy' : 'secrets';
  };
  const seen = await Promise.all(
    [...new Set(paths)].map(async (path): Promise<SeenFile[]> => {
      const found = await within(stat(path), { limitMs, late: undefined });
      if (found === undefined || !found.isFile()) return [];
      const { mode } = found;
      return [{ path, kind: kindOf(path), othersRead: (mode & 0o044) !== 0, othersWrite: (mode & 0o022) !== 0 }];
    }),
  );
  return seen.flat();
}
