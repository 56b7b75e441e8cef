import { changeThatAllows } from '../batch/plan/denial-of.ts';
import { toolSignature } from '../batch/plan/tool-signature.ts';
import type { CatalogEntry } from '../catalog/build-catalog.ts';
import type { JsonObject } from '../core/json.ts';
import { classifyTool } from '../policy/classify-tool.ts';
import { decideCall } from '../policy/decide-call.ts';
import { CliFailure, exitCodes } from './failure.ts';
import type { ExitCode } from './failure.ts';

/**
 * Why the one call of `call` failed, in words for a person at a shell: the engine speaks to clients of a batch, who can do other things
 * about it.
 */
export function toFailure(
  { code, message }: { code: string; message: string },
  { entry, callArgs }: { entry: CatalogEntry; callArgs: JsonObject },
): CliFailure {
  const about = { exitCode: exitCodeOf(code), code };
  const { exposedName, tool, policy, server } = entry;
  switch (code) {
    case 'approval_unavailable': {
      const classification = classifyTool(tool, policy, callArgs);
      const decision = decideCall({ tool, policy, classification, route: 'batch' });
      const found = `${exposedName} needs approval, and the command line cannot ask for it in this version: ${decision.reason}`;
      return new CliFailure(found, { ...about, fix: changeThatAllows(decision, entry) });
    }
    case 'invalid_arguments':
      // The engine's message ends in the signature.
      return new CliFailure(message.split('\narguments: ')[0] ?? message, {
        ...about,
        fix: `arguments: ${toolSignature(tool.inputSchema)}`,
      });
    case 'server_unavailable':
      return new CliFailure(message, { ...about, fix: `see what mcp-marshal check says about ${server}` });
    default:
      return new CliFailure(message, about);
  }
}

function exitCodeOf(code: string): ExitCode {
  switch (code) {
    case 'denied_by_policy':
    case 'approval_declined':
    case 'approval_unavailable':
    case 'tool_changed':
      return exitCodes.denied;
    case 'server_unavailable':
      return exitCodes.unreachable;
    case 'unknown_tool':
    case 'ambiguous_tool':
      return exitCodes.usage;
    default:
      return exitCodes.unsuccessful;
  }
}
