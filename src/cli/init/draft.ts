import { dirname, resolve } from 'node:path';
import { ConfigError } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import { renderConfig } from '../../config/edit/render/render-servers.ts';
import { readFileOrPipe } from '../../config/source/read-bytes.ts';
import type { ServerEntry } from '../../clients/client.ts';
import type { CliContext } from '../context.ts';
import { toPassed } from './gather/gather-servers.ts';
import type { FoundServer, PassedServer } from './gather/gather-servers.ts';
import { missingVariables, uniqueVariables } from './secrets/missing-variables.ts';
import { moveSecrets } from './secrets/move-secrets.ts';
import type { Vault } from './secrets/vault.ts';
import { renderEnvLines } from './secrets/render-env-file.ts';
import type { MissingVariable } from './secrets/render-env-file.ts';
import { toEntry } from './to-entry.ts';

/** A server on its way into a configuration, without its secrets. */
export interface DraftServer {
  found: FoundServer;
  launch: ServerEntry['launch'];
  enabled: boolean;
  /** Why it is switched off, or cannot be used as it is. */
  flaws: readonly string[];
}

/** Files that are not there yet, by absolute path. */
export type Texts = ReadonlyMap<string, string>;

/** Where the configuration will stand, and the variables beside it. */
export interface DraftPlace {
  file: string;
  /** By its name beside the configuration, or as that names it. */
  envFile: string;
  /** What is in it already. Absent: it is not there. */
  envText?: string;
}

/**
 * The servers as they can be written: each is loaded by itself, as the program would load it. One whose variables are not set is switched
 * off, with the reason; one that no configuration can hold is passed over.
 */
export async function draftServers(
  context: CliContext,
  servers: readonly FoundServer[],
  { place, vault }: { place: DraftPlace; vault: Vault },
): Promise<{ drafts: DraftServer[]; passed: PassedServer[] }> {
  const drafts: DraftServer[] = [];
  const passed: PassedServer[] = [];
  for (const found of servers) {
    const launch = moveSecrets(found.entry.launch, { server: found.name, vault });
    const draft = { found, launch, enabled: true, flaws: [] };
    const flaws = await flawsOf(context, draft, { place, vault });
    const off = { ...draft, enabled: false, flaws };
    const stops = flaws.length === 0 ? [] : await flawsOf(context, off, { place, vault });
    const [stop] = stops;
    if (stop === undefined) drafts.push({ ...draft, enabled: found.entry.enabled && flaws.length === 0, flaws });
    else passed.push(...found.found.map((server) => toPassed(server, stop)));
  }
  return { drafts, passed };
}

/** Those of the project switched off, for nobody has said that they may be started; also where they are off for something that can be mended. */
export function holdBack(drafts: readonly DraftServer[]): DraftServer[] {
  return drafts.map((draft) => {
    const { projectFile } = draft.found;
    if (projectFile === undefined) return draft;
    const flaw = `only ${projectFile} has it, a file of the project, and its client asks before it starts such a server; look at what it starts`;
    return { ...draft, enabled: false, flaws: [...draft.flaws, flaw] };
  });
}

/** What has to be set before all of the servers can be switched on. `variables`: those that are set. */
export function missingOf(
  drafts: readonly DraftServer[],
  { vault, variables }: { vault: Vault; variables: Readonly<Record<string, string | undefined>> },
): MissingVariable[] {
  const known = new Set(vault.moved().map(({ variable }) => variable));
  const has = (variable: string): boolean => known.has(variable) || variables[variable] !== undefined;
  return uniqueVariables(
    drafts.flatMap(({ launch, found }) => missingVariables({ launch, inputs: found.entry.inputs }, has)),
  );
}

/** The configuration as it would be loaded if these files were there. Throws ConfigError. */
export function loadOverlay(context: CliContext, file: string, texts: Texts): Promise<Config> {
  const { io, parts } = context;
  return parts.loadConfig({
    env: io.env,
    cwd: io.cwd,
    file,
    readFile: async (path, maxBytes) => {
      const text = texts.get(path);
      return text === undefined ? readFileOrPipe(path, maxBytes) : new TextEncoder().encode(text);
    },
  });
}

/** The draft as files, without policies. */
export function textsOfDraft(
  drafts: readonly DraftServer[],
  { place, vault }: { place: DraftPlace; vault: Vault },
): Texts {
  const { file, envText = '' } = place;
  const envFile = vault.moved().length === 0 && envText === '' ? {} : { envFile: place.envFile };
  const servers = drafts.map(({ found, launch, enabled }) => ({
    name: found.name,
    entry: toEntry(launch, { enabled }),
    comments: [],
  }));
  return new Map([
    [file, renderConfig({ heading: [], ...envFile, servers })],
    [resolve(dirname(file), place.envFile), `${envText}\n${renderEnvLines(vault.moved(), []).text}`],
  ]);
}

async function flawsOf(
  context: CliContext,
  draft: DraftServer,
  about: { place: DraftPlace; vault: Vault },
): Promise<string[]> {
  try {
    await loadOverlay(context, about.place.file, textsOfDraft([draft], about));
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ message }) => message);
  }
}
