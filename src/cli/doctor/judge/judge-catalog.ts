import type { Catalog } from '../../../catalog/build-catalog.ts';
import { findMentions } from '../../../catalog/inspect/find-mentions.ts';
import { inspectCatalog, renderFinding } from '../../../catalog/inspect/inspect-catalog.ts';
import type { Config } from '../../../config/config.ts';
import { showInvisible } from '../../../core/text/show-invisible.ts';
import { deadRulesOf, idleCachesOf, renamed } from '../../check-report.ts';
import type { CheckedServer } from '../../check-report.ts';
import { listNames, toFinding } from '../finding.ts';
import type { Finding } from '../finding.ts';

/** What is odd once the servers have listed their tools: rules that match nothing, names that had to change, what hides in a tool. */
export function judgeCatalog(config: Config, servers: readonly CheckedServer[], catalog: Catalog): Finding[] {
  const ready = new Set(servers.filter(({ state }) => state === 'ready').map(({ name }) => name));
  const asked = config.servers.filter(({ name }) => ready.has(name));
  const policies = asked.flatMap((server) => {
    const isBuiltin = server.policy.file?.startsWith('builtin:') === true;
    const dead = deadRulesOf(server, catalog).map((problem) =>
      toFinding(problem, {
        // Servers often hide tools behind their settings, and nobody can mend a file of the package.
        level: isBuiltin ? 'note' : 'warning',
        code: 'dead-rule',
        about: 'policies',
        server: server.name,
        fix: isBuiltin
          ? 'leave it; if you miss a tool, see in the documentation of the server what switches it on'
          : `correct the name, or take the rule out; mcp-marshal tools lists what ${server.name} has`,
      }),
    );
    const idle = idleCachesOf(server, catalog).map((problem) =>
      toFinding(problem, {
        level: 'warning',
        code: 'idle-cache',
        about: 'policies',
        server: server.name,
        fix: 'take it out',
      }),
    );
    return [...dead, ...idle];
  });
  const names = catalog.entries
    .filter((entry) => ready.has(entry.server))
    .flatMap((entry) =>
      renamed(entry).map(({ message }): Finding => {
        const fix = `give the server a shorter or another name in servers than ${entry.server}, or use the name that is listed`;
        return { level: 'note', code: 'renamed', about: 'server', server: entry.server, message, fix };
      }),
    );
  const lists = catalog.warnings.map((message) =>
    toFinding(
      { message },
      {
        level: 'warning',
        code: 'odd-list',
        about: 'server',
        fix: 'tell who makes the server; until then deny the tool in its policy',
      },
    ),
  );
  return [...policies, ...names, ...lists, ...judgeInspected(config, catalog)];
}

function judgeInspected(config: Config, catalog: Catalog): Finding[] {
  const servers = config.servers.map(({ name }) => name);
  const found = [...inspectCatalog(catalog, servers), ...findMentions(catalog)];
  const warnings = found
    .filter(({ level }) => level === 'warning')
    .map((one): Finding => {
      const { server, tool } = one;
      const name = JSON.stringify(showInvisible(tool));
      const fix = `read it with mcp-marshal check; if you do not trust it, write deny: [${name}] in the policy of ${server}`;
      return { level: 'warning', code: 'odd-tool', about: 'server', server, message: renderFinding(one), fix };
    });
  const notes = servers.flatMap((server): Finding[] => {
    const own = found.filter((one) => one.level === 'note' && one.server === server);
    if (own.length === 0) return [];
    const tools = listNames([...new Set(own.map(({ tool }) => showInvisible(tool)))]);
    const message = `tools of ${server} could be taken for others, by their names or texts: ${tools}`;
    const fix =
      'see with mcp-marshal check for which; a model tells them apart by the name of the server before theirs';
    return [{ level: 'note', code: 'odd-tool', about: 'server', server, message, fix }];
  });
  return [...warnings, ...notes];
}
