import { clientIds } from '../../../clients/client.ts';
import { ConfigError } from '../../../config/config-error.ts';
import type { Config } from '../../../config/config.ts';
import { findConfig } from '../../../config/find-config.ts';
import { suggest } from '../../../config/schema/suggest.ts';
import { renderProblem } from '../../../core/place.ts';
import type { CliContext } from '../../context.ts';
import { interruptedFailure, exitCodes, usageFailure } from '../../failure.ts';
import { diffLines } from '../../import/diff-lines.ts';
import { readOwn } from '../../import/plan-servers.ts';
import { writeFailure, writeFiles } from '../../import/write-changes.ts';
import { loadOverlay } from '../../init/draft.ts';
import { print, printJson } from '../../output.ts';
import { withoutServer } from '../../servers/edit-text.ts';
import { renderWritten, takenOver } from '../../servers/render-addition.ts';
import { namesIn, tracesOfServer } from '../../servers/traces-of-server.ts';
import { plainText } from '../../terminal/plain-text.ts';

/**
 * Takes one server out of the configuration, with the comment that belongs to it; also out of one that does not load, perhaps because of it.
 * What else names it is told and stays.
 */
export async function remove(
  context: CliContext,
  { name, dryRun }: { name: string; dryRun: boolean },
): Promise<number> {
  const { io, configFile } = context;
  const { path: file } = await findConfig({ file: configFile, env: io.env, cwd: io.cwd });
  const from = await readOwn(file);
  requireKnown(name, { file, known: namesIn(from, file) });
  const to = withoutServer(from, { file, name });
  if (to === undefined) {
    throw writeFailure(
      `${file} is written in a way that cannot be edited safely; nothing was written`,
      `take ${name} out by hand`,
    );
  }
  const config = await loaded(context, { file, text: from });
  const after = await loaded(context, { file, text: to });
  if (!(config instanceof ConfigError) && after instanceof ConfigError) {
    throw usageFailure(
      `without ${name} the configuration would not be valid: ${after.problems.map(renderProblem).join('; ')}`,
      'mend that first; nothing was written',
    );
  }
  const traces = await tracesOfServer(
    name,
    { file, from, to, config: config instanceof ConfigError ? undefined : config },
    io,
  );
  if (context.stop.aborted) throw interruptedFailure();
  const written = dryRun ? [] : await writeFiles([{ path: file, from, to }]);
  const problems = after instanceof ConfigError ? after.problems : [];
  if (context.json) {
    printJson(context, { name, file, written, traces, problems });
    return exitCodes.ok;
  }
  print(
    context,
    [
      ...(dryRun
        ? [`would write ${file}:`, ...diffLines(from, to).map((line) => `  ${line}`)]
        : written.map(renderWritten)),
      ...traces.map(({ text }) => `left: ${text}`),
      ...problems.map((problem) => `still wrong with it: ${renderProblem(problem)}`),
      ...(dryRun ? ['nothing was written; leave out --dry-run to write'] : [takenOver]),
    ].map((line) => plainText(line).trimEnd()),
  );
  return exitCodes.ok;
}

function requireKnown(name: string, { file, known }: { file: string; known: readonly string[] }): void {
  if (known.includes(name)) return;
  const near = suggest(name, known);
  const all = known.length === 0 ? `${file} has none` : `write one of ${known.join(', ')}`;
  const isClient = clientIds.some((client) => client === name);
  throw usageFailure(
    `there is no server "${name}" in ${file}`,
    isClient
      ? `to take mcp-marshal out of that client, write mcp-marshal install ${name} --uninstall`
      : near === undefined
        ? all
        : `did you mean ${near}?`,
  );
}

/** The configuration with this text, or why there is none. */
async function loaded(
  context: CliContext,
  { file, text }: { file: string; text: string },
): Promise<Config | ConfigError> {
  try {
    return await loadOverlay(context, file, new Map([[file, text]]));
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
