import type { Catalog } from '../../catalog/build-catalog.ts';
import type { Measured } from '../../upstream/health/measure.ts';
import { entriesOf } from '../check-report.ts';
import type { CheckedServer } from '../check-report.ts';

/** What is said of one server. */
export interface ServerReport extends Omit<CheckedServer, 'unruled'> {
  /** As it was agreed upon, such as `2025-11-25`. */
  protocolVersion?: string;
  /** From a request to its answer, when nothing else was under way. */
  roundTripMs?: number;
  /** What the definitions of its tools take of a model's context, estimated as a quarter of their characters. */
  tokens?: number;
  /** Tools of which neither a rule nor a hint says what they are: they are what `unannotated` says. */
  unclassified?: readonly string[];
}

/** A rule of thumb for English and JSON: a token has about four characters. */
const charsOfToken = 4;

/** What a model reads of these definitions, in tokens: an estimate, since every model counts in its own way. */
function estimateTokens(definitions: readonly object[]): number {
  const chars = definitions.reduce((total, definition) => total + JSON.stringify(definition).length, 0);
  return Math.ceil(chars / charsOfToken);
}

export function toServerReport(
  server: CheckedServer,
  { catalog, measured }: { catalog: Catalog; measured: Measured | undefined },
): ServerReport {
  const { unruled: _, ...checked } = server;
  if (checked.state !== 'ready') return checked;
  const entries = entriesOf(catalog, checked.name);
  const { roundTripMs, protocolVersion } = measured ?? {};
  const shown = entries.filter(({ isListed }) => isListed).map(({ listed }) => listed);
  return {
    ...checked,
    ...(protocolVersion !== undefined && { protocolVersion }),
    ...(roundTripMs !== undefined && { roundTripMs }),
    tokens: estimateTokens(shown),
    unclassified: entries
      .filter(({ classification }) => classification.source === 'default')
      .map(({ tool }) => tool.name),
  };
}
