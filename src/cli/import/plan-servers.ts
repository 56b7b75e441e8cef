import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual, parseEnv } from 'node:util';
import type { ClientReadings, ClientServer, ServerEntry } from '../../clients/client.ts';
import { findBuiltinPolicy } from '../../config/builtin/find-builtin-policy.ts';
import type { Config, ServerConfig } from '../../config/config.ts';
import { addServers } from '../../config/edit/add-servers.ts';
import { valueOf } from '../../config/edit/open-text.ts';
import type { FileChange } from '../../config/edit/replace-file.ts';
import { setText } from '../../config/edit/set-text.ts';
import { maxFileBytes } from '../../config/load-policy.ts';
import { isClientFile } from '../../config/server/client-file.ts';
import { readText } from '../../config/source/read-text.ts';
import { resolvePath } from '../../config/variables/resolve-path.ts';
import type { CliContext } from '../context.ts';
import { draftServers, holdBack, missingOf } from '../init/draft.ts';
import type { DraftPlace, DraftServer } from '../init/draft.ts';
import { freeName } from '../init/find-target.ts';
import { gatherServers } from '../init/gather/gather-servers.ts';
import type { FoundServer, PassedServer } from '../init/gather/gather-servers.ts';
import { textsOfLaunch } from '../init/secrets/missing-variables.ts';
import { renderEnvLines } from '../init/secrets/render-env-file.ts';
import { unignoredFiles } from '../init/secrets/unignored-files.ts';
import { createVault } from '../init/secrets/vault.ts';
import type { MovedSecret } from '../init/secrets/vault.ts';
import { withoutUser } from '../init/secrets/without-user.ts';
import { separateInputs } from '../init/gather/separate-inputs.ts';
import { commentsOf } from '../init/server-comments.ts';
import { toEntry, toLaunch } from '../init/to-entry.ts';
import { writeFailure } from './write-changes.ts';

/** What becomes of the servers of clients. */
export interface ServersPlan {
  added: readonly { draft: DraftServer; policy?: string }[];
  /** Those that the configuration has, by its name for them. */
  known: readonly { found: FoundServer; as: string }[];
  passed: readonly PassedServer[];
  moved: readonly MovedSecret[];
  unwritable: readonly string[];
  /** Files with secrets that git would take, the copy of the old one among them. */
  unignored: readonly string[];
  /** The file of variables first: a configuration that names a variable that is not there is none. */
  changes: readonly FileChange[];
}

/**
 * Decides which servers are added to a configuration that is there, and what is written for that. Those `apart`, which a project's own
 * file names, are added switched off. Writes nothing.
 */
export async function planServers(
  context: CliContext,
  { config, readings, apart }: { config: Config; readings: ClientReadings; apart: (server: ClientServer) => boolean },
): Promise<ServersPlan> {
  const { file, servers } = config;
  const text = await readOwn(file);
  const gathered = gatherServers(readings, { taken: servers.map(({ name }) => name), apart });
  const asKnown = gathered.found.map((found) => ({ found, as: servers.find((own) => isSame(own, found.entry))?.name }));
  const place = await placeOf(context, { file, text });
  const { envText = '' } = place;
  const fresh = separateInputs(
    asKnown.flatMap(({ found, as }) => (as === undefined ? [found] : [])),
    [text],
  );
  const texts = [text, ...fresh.flatMap(({ entry: { launch } }) => textsOfLaunch(launch))];
  const vault = createVault({ ...parseEnv(envText), ...context.io.env }, texts);
  const { drafts: drafted, passed } = await draftServers(context, fresh, { place, vault });
  const drafts = holdBack(drafted);
  const added = await Promise.all(
    drafts.map(async (draft) => {
      const policy = await findBuiltinPolicy(toLaunch(draft.launch));
      return { draft, ...(policy !== undefined && { policy }) };
    }),
  );
  const have = parseEnv(envText);
  const moved = vault.moved();
  const env = renderEnvLines(
    moved.filter(({ variable }) => have[variable] === undefined),
    missingOf(drafts, { vault, variables: { ...have, ...context.io.env } }),
  );
  const to = editConfig(text, { place, added, hasEnv: env.text !== '' });
  if (to === undefined) {
    throw writeFailure(
      `${file} is written in a way that cannot be edited safely; nothing was written`,
      'add the servers by hand',
    );
  }
  const ofEnv = added.length === 0 ? [] : changeOfEnv(place, env.text);
  const changes = added.length === 0 ? [] : [...ofEnv, { path: file, from: text, to }];
  return {
    added,
    known: asKnown.flatMap(({ found, as }) => (as === undefined ? [] : [{ found, as }])),
    passed: [...gathered.passed, ...passed],
    moved,
    unwritable: env.unwritable,
    unignored: await unignoredFiles(
      ofEnv.flatMap(({ path, from }) => (from === undefined ? [path] : [path, `${path}.bak`])),
    ),
    changes,
  };
}

/** The text of a configuration of ours. Throws where it cannot be read, or is another program's own. */
export async function readOwn(file: string): Promise<string> {
  const read = await readText(file, maxFileBytes);
  if (!read.ok) throw writeFailure(`${file} ${read.reason}`, 'mend that and run the command again');
  const value = valueOf(read.text, file);
  if (value === undefined || isClientFile(value)) {
    throw writeFailure(
      `${file} is another program's own file, which is not edited; nothing was written`,
      'make a configuration of your own with mcp-marshal init',
    );
  }
  return read.text;
}

/** The file of variables that the configuration has, or the name of one that it could have. */
export async function placeOf({ io }: CliContext, { file, text }: { file: string; text: string }): Promise<DraftPlace> {
  const named = valueOf(text, file)?.['envFile'];
  if (typeof named !== 'string') return { file, envFile: await freeName(dirname(file), 'marshal.env') };
  const read = await readText(resolvePath(named, dirname(file), io.env), maxFileBytes);
  return { file, envFile: resolvePath(named, dirname(file), io.env), ...(read.ok && { envText: read.text }) };
}

function editConfig(
  text: string,
  {
    place: { file, envFile, envText },
    added,
    hasEnv,
  }: { place: DraftPlace; added: ServersPlan['added']; hasEnv: boolean },
): string | undefined {
  const servers = added.map(({ draft, policy }) => ({
    name: draft.found.name,
    comments: commentsOf(draft),
    entry: toEntry(draft.launch, { policy, timeoutMs: draft.found.entry.timeoutMs, enabled: draft.enabled }),
  }));
  const named = hasEnv && envText === undefined ? setText(text, { file, path: ['envFile'], value: envFile }) : text;
  return named === undefined ? undefined : addServers(named, { file, servers });
}

/** Lines added to the file of variables, or that file made. Throws where nothing can be added to it. */
export function changeOfEnv({ file, envFile, envText }: DraftPlace, lines: string): FileChange[] {
  if (lines === '') return [];
  const path = resolve(dirname(file), envFile);
  if (envText === undefined) return [{ path, to: lines, isPrivate: true }];
  const end = envText === '' || envText.endsWith('\n') ? '' : '\n';
  const to = envText + end + lines;
  // A quote that is open at its end would take the new lines for its value.
  if (!isDeepStrictEqual({ ...parseEnv(to) }, { ...parseEnv(envText), ...parseEnv(lines) })) {
    throw writeFailure(
      `${path} is written in a way that nothing can be added to; nothing was written`,
      'close the quotes in it and run the command again',
    );
  }
  return [{ path, from: envText, to, isPrivate: true }];
}

/** Started or reached alike, without contradiction in what both set: as written, or as it is once variables are replaced. */
export function isSame({ launch, transport }: ServerConfig, { launch: theirs }: ServerEntry): boolean {
  if ('url' in theirs) {
    const plain = (text: string): string => text.replace(/\/+$/, '');
    if (!('url' in transport) || !('url' in launch)) return false;
    // As it was taken over.
    const { url, headers } = withoutUser(theirs);
    return [launch.url, transport.url].map(plain).includes(plain(url)) && agree(transport.headers, headers);
  }
  if (!('command' in transport) || !('command' in launch)) return false;
  // The program's own folder decides what its relative paths mean.
  const isElsewhere =
    theirs.cwd === undefined ? launch.cwd !== undefined : transport.type === 'stdio' && transport.cwd !== theirs.cwd;
  if (isElsewhere) return false;
  const key = wordsOf(theirs);
  return [launch, transport].some((own) => wordsOf(own) === key) && agree(transport.env, theirs.env);
}

/** Whether a package runner asks first makes no difference to what it runs. */
function wordsOf({ command, args }: { command: string; args: readonly string[] }): string {
  const kept = command === 'npx' && /^(?:-y|--yes)$/.test(args[0] ?? '') ? args.slice(1) : args;
  return JSON.stringify([command, ...kept]);
}

function agree(own: Readonly<Record<string, string>>, theirs: Readonly<Record<string, string>>): boolean {
  return Object.entries(theirs).every(
    ([name, value]) => !Object.hasOwn(own, name) || own[name] === value || value.includes('${'),
  );
}
