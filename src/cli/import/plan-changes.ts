import { dirname, join, relative } from 'node:path';
import type { ClientRule } from '../../clients/client.ts';
import type { TakenRule } from '../../clients/take-over.ts';
import type { Config, ServerConfig } from '../../config/config.ts';
import { addPolicyRules } from '../../config/edit/add-policy-rules.ts';
import { readBuiltinPolicy } from '../../config/edit/read-builtin-policy.ts';
import type { FileChange } from '../../config/edit/replace-file.ts';
import { setText } from '../../config/edit/set-text.ts';
import { maxFileBytes } from '../../config/load-policy.ts';
import { isClientFile } from '../../config/server/client-file.ts';
import { readText } from '../../config/source/read-text.ts';
import { isJsonObject } from '../../core/json.ts';
import { valueOf } from '../../config/edit/open-text.ts';

/** What is to become of the policy of one server. */
export interface PolicyChange {
  server: string;
  /** The policy that it has now: a file, `builtin:NAME`, or none. */
  policy: string | undefined;
  /** New lines of the policy, with the clients' rules that they come from. */
  rules: readonly (Pick<TakenRule, 'list' | 'pattern'> & { by: readonly ClientRule[] })[];
  /** How many lines more there are that the policy has already. */
  known: number;
  /** The policy's file before and after. Absent: nothing is new, or `problem` says why it cannot be. */
  change?: FileChange;
  /** A policy file of its own, which the server is to have in the place of what it has: what `policy` of its entry is to be. */
  reference?: string;
  /** Why the lines have to be added by hand. */
  problem?: string;
}

/** Decides what is written where, one change for each server that a rule is about. Reads files, and writes none. */
export async function planChanges(config: Config, taken: readonly TakenRule[]): Promise<PolicyChange[]> {
  const changes: PolicyChange[] = [];
  for (const server of config.servers) {
    const rules = taken.filter((rule) => rule.server === server.name);
    if (rules.length > 0) changes.push(await planChange(config, { server, rules }));
  }
  return changes;
}

async function planChange(
  config: Config,
  { server, rules }: { server: ServerConfig; rules: readonly TakenRule[] },
): Promise<PolicyChange> {
  const { name, policy } = server;
  const fresh = rules.filter(
    ({ list, pattern }) => !policy.rules.some((rule) => rule.list === list && rule.pattern === pattern),
  );
  const about = { server: name, policy: policy.file, rules: fresh, known: rules.length - fresh.length };
  if (fresh.length === 0) return about;
  const own = policy.file?.startsWith('builtin:') === true ? undefined : policy.file;
  return {
    ...about,
    ...(own === undefined ? await planOwn(config, { server, fresh }) : await planEdit(config, { own, fresh })),
  };
}

type Planned = Pick<PolicyChange, 'change' | 'reference' | 'problem'>;

async function planEdit(
  { servers }: Config,
  { own, fresh }: { own: string; fresh: readonly TakenRule[] },
): Promise<Planned> {
  const users = servers.filter(({ policy }) => policy.file === own).map(({ name }) => name);
  if (users.length > 1) {
    return {
      problem: `${own} is the policy of ${users.join(' and ')}; give each its own file, or add the lines by hand`,
    };
  }
  const read = await readText(own, maxFileBytes);
  if (!read.ok) return { problem: `${own} ${read.reason}` };
  const added = addPolicyRules(read.text, { file: own, lines: fresh });
  return added.ok ? { change: { path: own, from: read.text, to: added.text } } : { problem: `${own} ${added.reason}` };
}

/** A policy that ships with the package cannot be edited, and where there is none nothing can: the server gets a file of its own. */
async function planOwn(
  { file, servers }: Config,
  { server: { name, policy }, fresh }: { server: ServerConfig; fresh: readonly TakenRule[] },
): Promise<Planned> {
  const path = join(dirname(file), 'policies', `${name}.yaml`);
  const reference = relative(dirname(file), path).replaceAll('\\', '/');
  const isTaken = servers.some((other) => other.policy.file === path);
  const read = await readText(path, maxFileBytes);
  if (isTaken || read.ok || read.code !== 'ENOENT') {
    return {
      problem: `${path} exists and is not the policy of ${name}; make it that (policy: ${reference}), or remove it`,
    };
  }
  const start = policy.file === undefined ? undefined : await readBuiltinPolicy(policy.file);
  const text = start === undefined ? `version: 1\nserver: ${name}\n` : `# From ${policy.file}.\n${start}`;
  const named = setText(text, { file: path, path: ['server'], value: name });
  const added = named === undefined ? undefined : addPolicyRules(named, { file: path, lines: fresh });
  if (added?.ok !== true) return { problem: `a policy of its own could not be made; write ${path} by hand` };
  return { change: { path, to: added.text }, reference };
}

/** The configuration with other policies for these servers. Nothing where it cannot be edited safely, or is a client's own file. */
export async function planConfig(
  { file }: Config,
  references: ReadonlyMap<string, string>,
): Promise<FileChange | undefined> {
  const read = await readText(file, maxFileBytes);
  if (!read.ok) return undefined;
  const value = valueOf(read.text, file);
  if (value === undefined || isClientFile(value)) return undefined;
  const key = isJsonObject(value['servers']) ? 'servers' : 'mcpServers';
  let to: string | undefined = read.text;
  for (const [server, policy] of references) {
    to = to === undefined ? undefined : setText(to, { file, path: [key, server, 'policy'], value: policy });
  }
  return to === undefined ? undefined : { path: file, from: read.text, to };
}
