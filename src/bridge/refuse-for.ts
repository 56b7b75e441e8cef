import type { Desk, OpenRequest } from './desk.ts';
import type { Ending } from './http/exchange.ts';
import { connectionLost, httpRefusal, unreadable, unsendable } from './refusals.ts';

/** Answers a request whose exchange has ended, where it has not been answered in it: with the proxy's error, or with one of ours. */
export function refuseFor(
  ending: Exclude<Ending, { kind: 'unsent' }>,
  { request, desk }: { request: OpenRequest; desk: Desk },
): void {
  switch (ending.kind) {
    case 'answered':
      return;
    case 'refused':
      if (ending.answer !== undefined) void desk.deliver(ending.answer);
      else request.refuse(httpRefusal(ending.status, ending.error));
      return;
    case 'aborted':
      // Nobody waits for it, or what is left of a lost session has had its time.
      return request.refuse(connectionLost('the session has ended'));
    case 'unanswered':
      return request.refuse(connectionLost(ending.reason));
    case 'accepted':
      return request.refuse(unreadable('it announces none'));
    case 'unreadable':
      return request.refuse(unreadable(ending.reason));
    case 'unsendable':
      return request.refuse(unsendable(ending.reason));
  }
}
