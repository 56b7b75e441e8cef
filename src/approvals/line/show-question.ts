import { showArguments } from '../../batch/input/show-arguments.ts';
import { maskSecrets } from '../../core/text/mask-secrets.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { OpenQuestion } from '../queue/question-queue.ts';
import type { ShownQuestion } from './line-messages.ts';

/** Enough to decide by, for nearly every call. */
const maxShownChars = 1_000;

/** A question for other eyes: secrets stay here. */
export function showQuestion(
  { id, owner, subject, from, askedMs, expiresMs, isAwaited }: OpenQuestion,
  { isWhole, toTime }: { isWhole: boolean; toTime: (ms: number) => number },
): ShownQuestion {
  const { server, exposedName, arguments: args, knownFields = [], reason, remember } = subject;
  return {
    id,
    client: owner.keyScope,
    server,
    tool: exposedName,
    class: subject.class,
    reason,
    shown: showArguments(args, { maxChars: maxShownChars, known: knownFields }),
    ...(isWhole && { arguments: maskWhole(args) }),
    ...from,
    askedAt: new Date(toTime(askedMs)).toISOString(),
    expiresAt: new Date(toTime(expiresMs)).toISOString(),
    remember,
    isAwaited,
  };
}

function maskWhole(args: JsonObject): JsonObject {
  const masked = maskSecrets(args);
  return isJsonObject(masked) ? masked : {};
}
