import { toolSignature } from '../batch/plan/tool-signature.ts';
import type { CatalogEntry } from '../catalog/build-catalog.ts';
import { noMoreInput } from './approvals/ask-at-terminal.ts';
import { CliFailure, exitCodes } from './failure.ts';
import type { ExitCode } from './failure.ts';

/**
 * Why the one call of `call` failed, in words for a person at a shell: the engine speaks to clients of a batch, who can do other things
 * about it.
 */
export function toFailure(
  { code, message }: { code: string; message: string },
  { entry, needsLogin = false }: { entry: Pick<CatalogEntry, 'tool' | 'server'>; needsLogin?: boolean },
): CliFailure {
  const { tool, server } = entry;
  const about = { exitCode: exitCodeOf(code), code };
  switch (code) {
    case 'invalid_arguments':
      // The engine's message ends in the signature.
      return new CliFailure(message.split('\narguments: ')[0] ?? message, {
        ...about,
        fix: `arguments: ${toolSignature(tool.inputSchema)}`,
      });
    case 'approval_declined':
      // Nobody else is asked. What the engine says is for models, which might send the call again.
      return new CliFailure(`${tool.name} of ${server} was not run: you said no`, about);
    case 'approval_unavailable':
      return new CliFailure(unaskedWords(message), {
        ...about,
        fix: message.includes(noMoreInput) ? 'answer y or n' : 'run it at a terminal, where you are asked',
      });
    case 'server_unavailable':
      // Its message says what to run.
      if (needsLogin) return new CliFailure(message, { ...about, exitCode: exitCodes.authentication });
      return new CliFailure(message, { ...about, fix: `see what mcp-marshal check says about ${server}` });
    case 'internal':
      // What changes something waits for the journal; nothing is wrong with the program.
      if (message.startsWith('not sent: ')) {
        return new CliFailure(message, { ...about, fix: 'see what mcp-marshal doctor says about the state folder' });
      }
      return new CliFailure(message, about);
    default:
      return new CliFailure(message, about);
  }
}

/** What the engine says was tried through a client is for models; so is what they can do now. */
function unaskedWords(message: string): string {
  const [needs = '', ...rest] = message.split('; the client');
  if (rest.length === 0) return message;
  const hasEnded = message.includes(noMoreInput);
  return `${needs}; ${hasEnded ? 'the input ended before you answered' : 'nobody was at a terminal to be asked'}`;
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
