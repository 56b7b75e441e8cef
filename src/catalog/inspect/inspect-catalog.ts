import type { Catalog } from '../build-catalog.ts';
import { showInvisible } from '../../core/text/show-invisible.ts';
import type { Finding } from './finding.ts';
import { inspectNames } from './inspect-names.ts';
import { inspectTool } from './inspect-tool.ts';

/**
 * What is odd about the tools that servers offer: hidden characters, terminal escapes, names that could be taken for others. It keeps
 * nothing from being called; the lock file does, where a person does not accept it.
 */
export function inspectCatalog(catalog: Pick<Catalog, 'entries'>, servers: readonly string[]): Finding[] {
  const hidden = catalog.entries.flatMap(({ server, tool }) =>
    inspectTool(tool).map((message) => ({ server, tool: tool.name, level: 'warning' as const, message })),
  );
  return [...hidden, ...inspectNames(catalog.entries, servers)];
}

/** A finding as one line, which is plain text whatever the tool's name is. */
export function renderFinding({ server, tool, message }: Finding): string {
  return `${server}: ${JSON.stringify(showInvisible(tool).slice(0, maxNameChars))} ${message}`;
}

const maxNameChars = 120;
