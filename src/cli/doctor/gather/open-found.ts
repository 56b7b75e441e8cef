import { ConfigError } from '../../../config/config-error.ts';
import type { CliContext } from '../../context.ts';
import { openConfig } from '../../proxy/open-proxy.ts';
import type { FoundConfig } from '../judge/judge-configuration.ts';

/** The configuration, or what is wrong with it; tells `onFile` of each file of it. Throws where the command is stopped. */
export async function openFound(context: CliContext, onFile: (path: string) => void): Promise<FoundConfig> {
  try {
    return { config: await openConfig(context, onFile) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problems: error.problems, warnings: error.warnings };
  }
}
