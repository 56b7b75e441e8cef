import { join } from 'node:path';
import { findBuiltinPolicy } from '../../config/builtin/find-builtin-policy.ts';
import type { Config, ServerConfig } from '../../config/config.ts';
import type { FileChange } from '../../config/edit/replace-file.ts';
import { loadPolicy, maxFileBytes } from '../../config/load-policy.ts';
import { readText } from '../../config/source/read-text.ts';
import { clientIds, clientTitles } from '../../clients/client.ts';
import { valueOf } from '../../config/edit/open-text.ts';
import type { SeenServer } from '../init/connect-servers.ts';
import { freeName, policiesFolder } from '../init/find-target.ts';
import { planPolicy } from '../init/plan-policy.ts';
import type { PlannedPolicy, TakenLine } from '../init/plan-policy.ts';

/** A server that nobody has judged, and the file that says so, as it was written before the server was reached. Absent: it has no policy. */
export interface UnjudgedServer {
  server: ServerConfig;
  untouched?: { path: string; text: string; taken: readonly TakenLine[] };
}

/** What is proposed for such a server. */
export interface PolicyProposal {
  server: string;
  seen: SeenServer;
  policy?: PlannedPolicy;
  change?: FileChange;
  /** What `policy` of its entry is to be; absent where that stays. */
  reference?: string;
}

/** The servers without a policy, and those whose file is the one that `init` writes of a server that it cannot reach. Reads files. */
export async function findUnjudged({ servers }: Config): Promise<UnjudgedServer[]> {
  const found = servers.map(async (server): Promise<UnjudgedServer[]> => {
    const { enabled, name, policy } = server;
    if (!enabled || policy.file?.startsWith('builtin:') === true) return [];
    if (policy.file === undefined) return [{ server }];
    const read = await readText(policy.file, maxFileBytes);
    if (!read.ok) return [];
    const taken = takenIn(read.text, policy.file);
    const { text } = await planPolicy({ server: name, taken });
    return read.text === text ? [{ server, untouched: { path: policy.file, text, taken } }] : [];
  });
  return (await Promise.all(found)).flat();
}

/** The rules of clients in such a file: each says in a comment whose it is. */
function takenIn(text: string, file: string): TakenLine[] {
  const value = valueOf(text, file) ?? {};
  return (['deny', 'ask', 'allow'] as const).flatMap((list) => {
    const [, lines = ''] = new RegExp(`^${list}:\\n((?:  - .*\\n)+)`, 'm').exec(text) ?? [];
    const owners = lines.split('\n').map((line) => / # from (.*)$/.exec(line)?.[1]?.split(', ') ?? []);
    const patterns = value[list];
    return (Array.isArray(patterns) ? patterns : []).flatMap((pattern, index) => {
      const by = (owners[index] ?? []).flatMap((title) => clientIds.filter((client) => clientTitles[client] === title));
      return typeof pattern === 'string' ? [{ list, pattern, by: by.map((client) => ({ client })) }] : [];
    });
  });
}

/** Proposes what `init` would have, had it reached the server. Reads shipped policies and looks which names are free; writes nothing. */
export async function proposeFor(
  { file }: Config,
  { server: { name, launch }, untouched, seen }: UnjudgedServer & { seen: SeenServer },
): Promise<PolicyProposal> {
  if (!seen.reached) return { server: name, seen };
  const about = { server: name, base: '/', directory: '/', cwd: '/', env: {} };
  const shipped = untouched === undefined ? await findBuiltinPolicy(launch) : undefined;
  const policy = await planPolicy({
    server: name,
    tools: seen.entries.map(({ tool }) => tool),
    ...(seen.serverInfo && { title: `${seen.serverInfo.name} ${seen.serverInfo.version}` }),
    ...(shipped !== undefined && {
      builtin: { reference: shipped, policy: (await loadPolicy(shipped, about)).policy },
    }),
    taken: untouched?.taken ?? [],
  });
  const proposal = { server: name, seen, policy };
  if (policy.text === undefined) {
    return { ...proposal, ...(policy.reference !== undefined && { reference: policy.reference }) };
  }
  if (untouched !== undefined) {
    return { ...proposal, change: { path: untouched.path, from: untouched.text, to: policy.text } };
  }
  const own = await freeName(policiesFolder(file), `${name}.yaml`);
  return {
    ...proposal,
    change: { path: join(policiesFolder(file), own), to: policy.text },
    reference: `policies/${own}`,
  };
}
