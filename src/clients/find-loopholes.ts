import type { Policy } from '../config/policy.ts';
import { matchGlob, isGlob } from '../policy/match-glob.ts';
import { clientTitles } from './client.ts';
import type { ClientReadings, ClientRule, ClientMode } from './client.ts';
import { resolveRule } from './resolve-rule.ts';
import type { ExposedTools, Meant } from './resolve-rule.ts';
import type { ServerNames } from './server-names.ts';

/** A setting of a client under which nobody may be asked. */
export interface Loophole extends ClientMode {
  /** `warning`: destructive calls run unasked. `note`: mcp-marshal asks itself, or the client does not take the setting. */
  level: 'warning' | 'note';
  /** What it does, and why it matters or does not. */
  message: string;
  /** What to do about it; absent where there is nothing to do. */
  fix?: string;
}

/** What the configuration says of destructive calls without a rule. */
export interface LoopholeContext {
  names: ServerNames;
  exposed: ExposedTools;
  unruled: Policy['unruled'];
  /** The configuration, as people see it. */
  file: string;
}

/**
 * The settings of clients that neutralise questions. A destructive tool called by itself is let through as long as the client asks its
 * user (`approvals.passthrough`); a rule by which the client asks nobody then means that nobody is asked.
 */
export function findLoopholes(
  { rules, modes }: Pick<ClientReadings, 'rules' | 'modes'>,
  context: LoopholeContext,
): Loophole[] {
  const ofRules = rules.filter(({ list }) => list === 'allow').flatMap((rule) => ofRule(rule, context) ?? []);
  return [...modes.map((mode) => ofMode(mode, context)), ...ofRules];
}

function ofMode({ client, place, written }: ClientMode, context: LoopholeContext): Loophole {
  const what = `${clientTitles[client]} asks its user about nothing`;
  const found = { client, place, written };
  if (context.names.isRegistered(client)) return { ...found, ...judge(what, context) };
  const message = `${what}; mcp-marshal was not found among its servers, and matters here once it is`;
  return { ...found, level: 'note', message };
}

function ofRule({ client, place, written, ...rule }: ClientRule, context: LoopholeContext): Loophole | undefined {
  const found = { client, place, written };
  const title = clientTitles[client];
  const meant = resolveRule({ client, place, written, ...rule }, context.names, context.exposed);
  const all = meant.find((one) => one.kind === 'marshal');
  if (all !== undefined) {
    if (client === 'claude-code' && all.isGuessed) {
      const message = `${title} passes an allow over whose server is a pattern; in versions that take it, it covers every tool`;
      return { ...found, level: 'note', message, fix: 'take it out' };
    }
    return { ...found, ...judge(`${title} runs every tool of mcp-marshal without asking its user`, context) };
  }
  const ofServers = meant.filter(isManyOfOurs);
  if (ofServers.length > 0) {
    const servers = ofServers.map(({ server }) => server).join(', ');
    return {
      ...found,
      ...judge(`${title} runs tools of ${servers} without asking its user, whatever they do`, context),
    };
  }
  return meant.some(isBatchCall) ? { ...found, ...judgeBatch(title, context) } : undefined;
}

/** One tool that is named exactly was meant; a pattern takes in what its server adds tomorrow. */
function isManyOfOurs(meant: Meant): meant is Extract<Meant, { kind: 'tools' }> {
  return meant.kind === 'tools' && meant.isOurs && isGlob(meant.pattern);
}

function isBatchCall(meant: Meant): boolean {
  return meant.kind === 'own' && matchGlob(meant.pattern, 'batch_call');
}

function judge(what: string, { unruled, file }: LoopholeContext): Pick<Loophole, 'level' | 'message' | 'fix'> {
  if (unruled.passthrough !== 'allow') {
    const how = unruled.passthrough === 'ask' ? 'asks about' : 'refuses';
    const message = `${what}; mcp-marshal ${how} destructive calls itself (approvals.passthrough: ${unruled.passthrough})`;
    return { level: 'note', message };
  }
  return {
    level: 'warning',
    message: `${what}; mcp-marshal lets a destructive tool through that is called by itself, since the client is to ask: so nobody is asked`,
    fix: `write approvals: { passthrough: ask } in ${file}, or take it out`,
  };
}

function judgeBatch(title: string, { unruled, file }: LoopholeContext): Pick<Loophole, 'level' | 'message' | 'fix'> {
  const what = `${title} runs batch_call without asking its user`;
  if (unruled.batch !== 'allow') {
    const message = `${what}; mcp-marshal decides about each call of a batch itself (approvals.batch: ${unruled.batch})`;
    return { level: 'note', message };
  }
  return {
    level: 'warning',
    message: `${what}, and mcp-marshal lets destructive calls of a batch through (approvals.batch: allow): so nobody is asked`,
    fix: `write approvals: { batch: ask } in ${file}, or take it out`,
  };
}
