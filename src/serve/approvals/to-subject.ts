import { hash } from 'node:crypto';
import { findDenial } from '../../batch/plan/approval/find-denial.ts';
import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import type { ServerConfig } from '../../config/config.ts';
import type { ApprovalSubject, Remembrance } from '../../core/approval.ts';
import { canonicalJson, isJsonObject, isTooDeep, maxDepth, type JsonObject } from '../../core/json.ts';
import type { CallError } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';
import type { CallRoute } from '../../core/verdict.ts';
import type { Engine } from '../engine.ts';

/** A call as a person can be asked about it, or why nobody can be. */
type ToldSubject = { ok: true; subject: ApprovalSubject; entry: CatalogEntry } | { ok: false; error: CallError };

/**
 * What a yes to this call is bound to (reliability.md §4): the server as it is configured now, the tool as that lists it now, and the
 * arguments. Read anew each time, so that whoever asks again learns of a tool, a schema or a server that has changed.
 */
export function toSubject(
  engine: Pick<Engine, 'catalog' | 'setup' | 'isShared'>,
  call: PlannedCall,
  route: CallRoute,
): ToldSubject {
  const { exposedName, class: toolClass, arguments: args, approval } = call;
  const server = engine.setup().servers.get(call.server);
  const entry = findEntry(engine, call);
  if (server === undefined || entry === undefined) {
    return refuse(`its server does not offer ${exposedName} any more`);
  }
  // Policy may have changed since, as the tool may: nobody's yes is worth more than its no.
  const denial = findDenial(entry, { args, route });
  if (denial !== undefined) return { ok: false, error: denial };
  if (isTooDeep(args) || isTooDeep(entry.tool)) {
    return refuse(`what is nested deeper than ${maxDepth} levels cannot be asked about`);
  }
  const isFlow = approval?.isFlow === true;
  const toolDigest = digestTool(entry, { server, isFlow });
  const subject: ApprovalSubject = {
    server: call.server,
    exposedName,
    arguments: args,
    knownFields: knownFieldsOf(entry.tool.inputSchema),
    class: toolClass,
    reason: approval?.reason ?? call.reason,
    digest: digest({ toolDigest, arguments: args }),
    toolDigest,
    // Clients that cannot be told apart would have each other's.
    remember: engine.isShared || isFlow ? 'none' : remembranceOf(entry),
  };
  return { ok: true, subject, entry };
}

/** By its own name: the exposed one may have gone to another since. */
function findEntry(
  engine: Pick<Engine, 'catalog'>,
  { server, tool, exposedName }: PlannedCall,
): CatalogEntry | undefined {
  const { byExposedName, entries } = engine.catalog();
  const isIt = (entry: CatalogEntry | undefined): boolean => entry?.server === server && entry.tool.name === tool;
  const named = byExposedName.get(exposedName);
  return isIt(named) ? named : entries.find(isIt);
}

function digestTool({ tool }: CatalogEntry, { server, isFlow }: { server: ServerConfig; isFlow: boolean }): string {
  const { name, launch, transport } = server;
  const { name: toolName, title, description, inputSchema, outputSchema, annotations } = tool;
  const definition = { name: toolName, title, description, inputSchema, outputSchema, annotations };
  // As written and as it has come out: where a variable points decides as much as the command does.
  // Who has said yes to the tool has not been asked what may go out through it.
  return digest({ server: name, launch, transport, definition, ...(isFlow && { isFlow }) });
}

/** Everything that is digested has come from JSON or YAML. */
function digest(value: object): string {
  const plain: JsonObject = JSON.parse(JSON.stringify(value));
  return hash('sha256', canonicalJson(plain));
}

function knownFieldsOf({ required, properties }: JsonObject): string[] {
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  return [...new Set([...names, ...Object.keys(isJsonObject(properties) ? properties : {})])];
}

function remembranceOf({ policy, tool }: CatalogEntry): Remembrance {
  return policy.tools.find((rule) => rule.tool === tool.name)?.remember ?? policy.remember;
}

function refuse(reason: string): ToldSubject {
  const message = `not run: it needs approval, and cannot have it: ${reason}`;
  return { ok: false, error: { code: 'approval_unavailable', message, retryable: false } };
}
