import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { toServerName } from '../../clients/merge-servers.ts';
import type { ServerEntry } from '../../clients/client.ts';
import { ConfigError } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import { renderConfig } from '../../config/edit/render/render-servers.ts';
import type { FileChange } from '../../config/edit/replace-file.ts';
import { setText } from '../../config/edit/set-text.ts';
import { resolvePath } from '../../config/variables/resolve-path.ts';
import type { CliContext } from '../context.ts';
import { usageFailure } from '../failure.ts';
import { changeOfEnv, placeOf } from '../import/plan-servers.ts';
import { writeFailure } from '../import/write-changes.ts';
import { connectServers } from '../init/connect-servers.ts';
import type { SeenServer } from '../init/connect-servers.ts';
import { draftServers, loadOverlay, missingOf, textsOfDraft } from '../init/draft.ts';
import type { DraftPlace, DraftServer } from '../init/draft.ts';
import { freeName, policiesFolder } from '../init/find-target.ts';
import type { FoundServer } from '../init/gather/gather-servers.ts';
import { builtinOf } from '../init/plan-init.ts';
import { planPolicy } from '../init/plan-policy.ts';
import type { PlannedPolicy } from '../init/plan-policy.ts';
import { textsOfLaunch } from '../init/secrets/missing-variables.ts';
import { renderEnvLines } from '../init/secrets/render-env-file.ts';
import { unignoredFiles } from '../init/secrets/unignored-files.ts';
import { createVault } from '../init/secrets/vault.ts';
import type { MovedSecret, Vault } from '../init/secrets/vault.ts';
import { commentsOf } from '../init/server-comments.ts';
import { toEntry } from '../init/to-entry.ts';
import { ownPath } from './asked-launch.ts';
import { withServer } from './edit-text.ts';
import type { OwnConfig } from './open-own.ts';
import { requireNew } from './require-new.ts';

/** One server that is to be added, and all that is written for it. */
export interface Addition {
  own: OwnConfig;
  draft: DraftServer;
  /** Absent: it was not asked. */
  seen?: SeenServer;
  /** Absent: the one that was named. */
  policy?: PlannedPolicy;
  /** As the entry names it. */
  reference: string;
  moved: readonly MovedSecret[];
  unwritable: readonly string[];
  /** Variables that only the environment has now: whoever starts mcp-marshal without them starts nothing. */
  fromOutside: readonly string[];
  /** Files with secrets that git would take. */
  unignored: readonly string[];
  /** The policy first and the configuration last: one that names what is not there is none. */
  changes: readonly FileChange[];
}

export interface Asked {
  name: string;
  launch: ServerEntry['launch'];
  /** A file, or `builtin:NAME`, as typed. */
  policy: string | undefined;
  /** Connects to nothing. */
  offline: boolean;
}

/** Decides what is written for a server. Connects to it alone; writes nothing. Throws where it cannot be added, or is there already. */
export async function planAddition(context: CliContext, own: OwnConfig, asked: Asked): Promise<Addition> {
  const { name, launch, offline } = asked;
  const { file, current } = own;
  requireNew(own, asked);
  const text = current?.text ?? '';
  const place = current === undefined ? await firstPlace(file) : await placeOf(context, { file, text });
  const have = parseEnv(place.envText ?? '');
  const vault = createVault({ ...have, ...context.io.env }, [text, ...textsOfLaunch(launch)]);
  const found: FoundServer = { name, entry: { launch, enabled: true, inputs: [], left: [] }, clients: [], found: [] };
  const draft = await draftOf(context, found, { place, vault });
  const env = renderEnvLines(
    vault.moved().filter(({ variable }) => have[variable] === undefined),
    missingOf([draft], { vault, variables: { ...have, ...context.io.env } }),
  );
  const ofEnv = changeOfEnv(place, env.text);
  const edit = (reference: string | undefined): string =>
    edited({ draft, place, own, reference, hasEnv: env.text !== '' });
  const overlay = (to: string, more: readonly FileChange[] = []): Promise<Config> => {
    const all = [...ofEnv, ...more, { path: file, to }];
    return load(context, file, new Map(all.map((change) => [change.path, change.to])));
  };
  const named = asked.policy === undefined ? undefined : referenceOf(asked.policy, { context, file });
  const config = await overlay(edit(named));
  const seen = offline || !draft.enabled ? undefined : (await connectServers(context, onlyOne(config, name))).get(name);
  const proposed = named === undefined ? await propose(context, { draft, seen, file }) : undefined;
  const reference = named ?? proposed?.reference ?? '';
  const ofPolicy = proposed?.change === undefined ? [] : [proposed.change];
  const to = edit(reference);
  await overlay(to, ofPolicy);
  return {
    own,
    draft,
    ...(seen !== undefined && { seen }),
    ...(proposed !== undefined && { policy: proposed.policy }),
    reference,
    moved: vault.moved(),
    unwritable: env.unwritable,
    fromOutside: draft.enabled ? missingOf([draft], { vault, variables: have }).map(({ variable }) => variable) : [],
    unignored: await unignoredFiles(
      ofEnv.flatMap(({ path, from }) => (from === undefined ? [path] : [path, `${path}.bak`])),
    ),
    changes: [...ofPolicy, ...ofEnv, { path: file, ...(current !== undefined && { from: text }), to }],
  };
}

async function firstPlace(file: string): Promise<DraftPlace> {
  return { file, envFile: await freeName(dirname(file), 'marshal.env') };
}

async function draftOf(
  context: CliContext,
  found: FoundServer,
  about: { place: DraftPlace; vault: Vault },
): Promise<DraftServer> {
  const { drafts } = await draftServers(context, [found], about);
  const [draft] = drafts;
  if (draft !== undefined) return draft;
  // No configuration can hold it: its reader says why.
  const { launch } = found.entry;
  const { place, vault } = about;
  try {
    await loadOverlay(
      context,
      place.file,
      textsOfDraft([{ found, launch, enabled: false, flaws: [] }], { place, vault }),
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const near = toServerName(found.name);
    const hint = near === found.name ? '' : `such as ${near}`;
    throw usageFailure(error.problems.map(({ message }) => message).join('; '), hint);
  }
  throw usageFailure(`${found.name} cannot be added as it is`);
}

function edited({
  draft,
  place: { file, envFile, envText },
  own: { current },
  reference,
  hasEnv,
}: {
  draft: DraftServer;
  place: DraftPlace;
  own: OwnConfig;
  reference: string | undefined;
  hasEnv: boolean;
}): string {
  const { found, launch, enabled } = draft;
  const server = {
    name: found.name,
    comments: commentsOf(draft),
    entry: toEntry(launch, { policy: reference, enabled }),
  };
  if (current === undefined) {
    const heading = [
      'Made by mcp-marshal add. mcp-marshal check says what it comes to; docs and mcp-marshal schema explain every key.',
    ];
    return renderConfig({ heading, ...(hasEnv && { envFile }), servers: [server] });
  }
  const named =
    hasEnv && envText === undefined ? setText(current.text, { file, path: ['envFile'], value: envFile }) : current.text;
  const to = named === undefined ? undefined : withServer(named, { file, server });
  if (to !== undefined) return to;
  throw writeFailure(
    `${file} is written in a way that cannot be edited safely; nothing was written`,
    'add the server by hand',
  );
}

/** What could not be loaded would keep every server from being started, and whoever gets it would have to look for the mistake. */
async function load(context: CliContext, file: string, texts: ReadonlyMap<string, string>): Promise<Config> {
  try {
    return await loadOverlay(context, file, texts);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problems = error.problems.map(({ message, key }) => (key === undefined ? message : `${key}: ${message}`));
    throw usageFailure(
      `with this server the configuration would not be valid: ${problems.join('; ')}`,
      'nothing was written',
    );
  }
}

function onlyOne(config: Config, name: string): Config {
  const servers = config.servers.map((server) => ({ ...server, enabled: server.enabled && server.name === name }));
  return { ...config, servers };
}

/** A file that was typed is one of the folder that is worked in. */
function referenceOf(written: string, { context: { io }, file }: { context: CliContext; file: string }): string {
  if (written.startsWith('builtin:')) return written;
  return ownPath(resolvePath(written, io.cwd, io.env), { file, cwd: io.cwd });
}

/** What `init` would propose: the policy that ships for it, or one of its own in a file. */
async function propose(
  context: CliContext,
  { draft, seen, file }: { draft: DraftServer; seen: SeenServer | undefined; file: string },
): Promise<{ policy: PlannedPolicy; reference: string; change?: FileChange }> {
  const { name } = draft.found;
  const builtin = await builtinOf(context, { draft, file });
  const policy = await planPolicy({
    server: name,
    ...(seen?.reached === true && { tools: seen.entries.map(({ tool }) => tool) }),
    ...(seen?.reached === true && seen.serverInfo && { title: `${seen.serverInfo.name} ${seen.serverInfo.version}` }),
    ...(builtin !== undefined && { builtin }),
    taken: [],
  });
  if (policy.text === undefined) return { policy, reference: policy.reference ?? '' };
  const own = await freeName(policiesFolder(file), `${name}.yaml`);
  return {
    policy,
    reference: `policies/${own}`,
    change: { path: resolve(join(policiesFolder(file), own)), to: policy.text },
  };
}
