import { dirname, join } from 'node:path';
import type { ClientReadings, LeftOver } from '../../clients/client.ts';
import { createServerNames } from '../../clients/server-names.ts';
import { takeOver } from '../../clients/take-over.ts';
import { findBuiltinPolicy } from '../../config/builtin/find-builtin-policy.ts';
import type { Config } from '../../config/config.ts';
import { renderConfig } from '../../config/edit/render/render-servers.ts';
import type { NewServer } from '../../config/edit/render/render-servers.ts';
import type { NewFile } from '../../config/edit/write-new-files.ts';
import { loadPolicy } from '../../config/load-policy.ts';
import { proposeClass } from '../../policy/propose/propose-class.ts';
import type { CliContext } from '../context.ts';
import { exposedToolsOf } from '../import/exposed-tools.ts';
import type { SeenServer } from './connect-servers.ts';
import { missingOf } from './draft.ts';
import type { DraftPlace, DraftServer } from './draft.ts';
import { freeName, policiesFolder } from './find-target.ts';
import { planPolicy } from './plan-policy.ts';
import type { PlannedPolicy } from './plan-policy.ts';
import type { Vault } from './secrets/vault.ts';
import { renderEnvLines } from './secrets/render-env-file.ts';
import { commentsOf } from './server-comments.ts';
import { toEntry, toLaunch } from './to-entry.ts';

/** One server of the proposal. */
export interface PlannedServer {
  draft: DraftServer;
  /** Absent: it was not asked. */
  seen?: SeenServer;
  enabled: boolean;
  policy: PlannedPolicy;
  /** Its policy as its entry names it. */
  reference: string;
}

/** Everything that is to be written, in the order in which it is: the configuration, without which the others mean nothing, last. */
export interface InitPlan {
  servers: readonly PlannedServer[];
  files: readonly NewFile[];
  /** Rules of clients without a counterpart. */
  left: readonly LeftOver[];
  /** Variables whose values no file of variables can hold. */
  unwritable: readonly string[];
}

export interface InitFacts {
  drafts: readonly DraftServer[];
  /** The draft as loaded. */
  config: Config;
  seen: ReadonlyMap<string, SeenServer>;
  readings: ClientReadings;
  place: DraftPlace;
  vault: Vault;
}

/** Decides what is written where. Reads shipped policies and looks which names are free; writes nothing. */
export async function planInit(context: CliContext, facts: InitFacts): Promise<InitPlan> {
  const { drafts, config, seen, readings, place, vault } = facts;
  const { taken, left } = takeOver(readings, {
    names: createServerNames(config.servers, readings.servers),
    exposed: exposedOf(seen),
    takeAll: false,
  });
  const servers: PlannedServer[] = [];
  const policies: NewFile[] = [];
  for (const draft of drafts) {
    const { name } = draft.found;
    const one = seen.get(name);
    const builtin = await builtinOf(context, { draft, file: place.file });
    const policy = await planPolicy({
      server: name,
      ...(one?.reached === true && { tools: one.entries.map(({ tool }) => tool) }),
      ...(one?.reached === true && one.serverInfo && { title: `${one.serverInfo.name} ${one.serverInfo.version}` }),
      ...(builtin !== undefined && { builtin }),
      taken: taken.filter(({ server }) => server === name),
    });
    const folder = policiesFolder(place.file);
    const file = await freeName(folder, `${name}.yaml`);
    if (policy.text !== undefined) policies.push({ path: join(folder, file), text: policy.text });
    servers.push({
      draft,
      ...(one !== undefined && { seen: one }),
      enabled: draft.enabled && !(one?.reached === false && one.isMissing),
      policy,
      reference: policy.reference ?? `policies/${file}`,
    });
  }
  const env = renderEnvLines(vault.moved(), missingOf(drafts, { vault, variables: context.io.env }));
  const hasEnv = env.text !== '';
  const text = renderConfig({
    heading: [
      'Proposed by mcp-marshal init. mcp-marshal check says what it comes to; docs and mcp-marshal schema explain every key.',
    ],
    ...(hasEnv && { envFile: place.envFile }),
    servers: servers.map(toNewServer),
  });
  return {
    servers,
    left,
    unwritable: env.unwritable,
    files: [
      ...policies,
      ...(hasEnv
        ? [{ path: join(dirname(place.file), place.envFile), text: envHeading + env.text, isPrivate: true }]
        : []),
      { path: place.file, text },
    ],
  };
}

const envHeading = '# What marshal.yaml refers to as ${NAME}. The environment goes before it. Keep it to yourself.\n';

/** A tool that would be proposed as destructive counts as one: an allow that does not name it must not waive its question. */
function exposedOf(seen: ReadonlyMap<string, SeenServer>): ReturnType<typeof exposedToolsOf> {
  const entries = [...seen.values()].flatMap((one) => (one.reached ? one.entries : []));
  const destructive = new Set(
    entries.filter(({ tool }) => proposeClass(tool).class === 'destructive').map(({ exposedName }) => exposedName),
  );
  return new Map(
    [...exposedToolsOf({ entries })].map(([name, tool]) => [
      name,
      { ...tool, isDestructive: tool.isDestructive === true || destructive.has(name) },
    ]),
  );
}

/** The policy that ships for a server, with its reference. */
export async function builtinOf(
  { io: { env, cwd } }: CliContext,
  { draft: { found, launch }, file }: { draft: DraftServer; file: string },
): Promise<Parameters<typeof planPolicy>[0]['builtin']> {
  const reference = await findBuiltinPolicy(toLaunch(launch));
  if (reference === undefined) return undefined;
  const { policy } = await loadPolicy(reference, { server: found.name, base: '/', directory: dirname(file), cwd, env });
  return { reference, policy };
}

function toNewServer({ draft, seen, enabled, reference }: PlannedServer): NewServer {
  const { name, entry } = draft.found;
  return {
    name,
    comments: commentsOf(draft, { seen, enabled }),
    entry: toEntry(draft.launch, { policy: reference, timeoutMs: entry.timeoutMs, enabled }),
  };
}
