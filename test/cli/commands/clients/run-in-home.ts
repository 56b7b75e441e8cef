import { join } from 'node:path';
import type { CliParts } from '../../../../src/cli/context.ts';
import { runCli } from '../../../../src/cli/run-cli.ts';
import { checkRecipe } from '../../../../src/batch/recipe/check-recipe.ts';
import { loadConfig } from '../../../../src/config/load-config.ts';
import type { Tool } from '../../../../src/core/tool.ts';
import { createLogger } from '../../../../src/lib/logger.ts';
import { createKeptCatalog, emptyProfile } from '../../../../src/upstream/kept-catalog.ts';
import { createClientHome } from '../../../clients/client-home.ts';
import type { ClientHome } from '../../../clients/client-home.ts';
import { fakeIo } from '../../fake-io.ts';
import { stubParts } from '../../stub-proxy.ts';

/** Files are really read; nothing may be connected to. */
const parts: CliParts = {
  ...stubParts({}).parts,
  loadConfig: (options) => loadConfig({ ...options, checkRecipe }),
  createProxy() {
    throw new Error('a proxy was made');
  },
};

/** A home in which the command line runs, in the folder `project`. */
export interface CliHome extends ClientHome {
  run(argv: string[], options?: { stdin?: string }): Promise<{ code: number; out: string; err: string }>;
  /** Keeps a list of tools for a server, as a run of the proxy does. */
  keep(server: string, tools: Tool[]): Promise<void>;
}

export function createCliHome(fixtures: readonly string[] = []): CliHome {
  const place = createClientHome(fixtures);
  const env = { HOME: place.home };
  return {
    ...place,
    async run(argv, { stdin = '' } = {}) {
      const { io, out, err } = fakeIo({ stdin, cwd: place.project, env });
      const code = await runCli(argv, io, parts);
      return { code, out: out(), err: err() };
    },
    async keep(name, tools) {
      const config = await loadConfig({ cwd: place.project, env });
      const server = config.servers.find((one) => one.name === name)!;
      const logger = createLogger({ level: 'silent', format: 'json' });
      const kept = createKeptCatalog({ stateDir: config.stateDir, logger });
      await kept.save({ server, profile: emptyProfile }, { tools, verdict: { kind: 'legacy' } });
    },
  };
}

/** The path of a file of the home as the program names it. */
export function inProject(place: ClientHome, name: string): string {
  return join(place.project, name);
}
