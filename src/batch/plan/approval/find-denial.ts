import type { CatalogEntry } from '../../../catalog/build-catalog.ts';
import type { CallError } from '../../../core/outcome.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { CallRoute } from '../../../core/verdict.ts';
import { classifyTool } from '../../../policy/classify-tool.ts';
import { decideCall } from '../../../policy/decide-call.ts';
import { denialOf } from '../denial-of.ts';

/** Why a call may not run as its tool and its policy are now, whoever has said yes to it; nothing where it may, or where somebody is to be asked. */
export function findDenial(
  { tool, policy, exposedName, quarantine }: CatalogEntry,
  { args, route }: { args: JsonObject; route: CallRoute },
): CallError | undefined {
  const classification = classifyTool(tool, policy, args);
  const decision = decideCall({ tool, policy, classification, route, exposedName, quarantine });
  return decision.decision === 'deny' ? denialOf(decision) : undefined;
}
