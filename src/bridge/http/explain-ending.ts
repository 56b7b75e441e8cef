import type { Ending } from './exchange.ts';

/** Why an exchange did not bring what it was for, in a few words; never a text that the proxy sent. */
export function explainEnding(ending: Ending): string {
  if (ending.kind === 'refused')
    return `HTTP ${ending.status}${ending.status === 401 ? ', it does not accept the token' : ''}`;
  return 'reason' in ending ? ending.reason : words[ending.kind];
}

const words = {
  answered: 'it answers with an error',
  accepted: 'it gives no answer',
  aborted: 'it does not answer in time',
} as const;
