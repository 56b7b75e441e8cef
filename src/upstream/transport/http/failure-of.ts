import { UnreachableError } from '../../peer/failure/send-failure.ts';
import { UnsentError } from '../../peer/failure/unsent-error.ts';
import type { AuthorizedOpening } from './authorized-endpoint.ts';

/** Why there is no response, as an error like those of the system. */
export function failureOf(opening: Exclude<AuthorizedOpening, { kind: 'response' | 'aborted' }>): Error {
  if (opening.kind === 'refused') return opening.error;
  const { kind, reason } = opening;
  if (kind === 'unsendable') return new UnsentError(reason);
  const cause = Object.assign(new Error(reason), { code: reason });
  return kind === 'unsent' ? new UnreachableError(reason, { cause }) : cause;
}
