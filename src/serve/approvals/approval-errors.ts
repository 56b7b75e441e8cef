import { waysToAllow } from '../../batch/plan/approval/ways-to-allow.ts';
import { formatMs } from '../../batch/reply/format-amount.ts';
import type { CallError } from '../../core/outcome.ts';
import { allowCommand } from './allow-command.ts';
import type { OpenCall } from './open-call.ts';

type Described = Pick<OpenCall, 'call' | 'entry' | 'route' | 'isKeyed'>;

/** The record of a key has the refusal, and would answer with it for a day. */
const newKey = ', in a batch with a new idempotencyKey or none';

/** How a person has said no. */
const declinedWords = {
  no: 'the user said no',
  decline: 'the client declined the question, as its user did, or as it does by itself where no user is at hand',
  cancel: 'the client cancelled the question, as its user did, or as it does by itself where no user is at hand',
  queue: 'the user said no, with mcp-marshal approvals',
} as const;
type Declined = keyof typeof declinedWords;

/** A person said no, or sent the question away: nothing was run, and sending the call again only asks again. */
export function declinedError(open: Described, how: Declined): CallError {
  const { call, mend } = describe(open);
  const ways = [
    `do not send it again unless the user wants it${open.isKeyed ? newKey : ''}: the user is asked anew then`,
    `to have it run unasked, the user can ${mend}`,
  ];
  const message = `not run: it needs approval: ${call}; ${declinedWords[how]}; ${ways.join('; ')}`;
  return { code: 'approval_declined', message, retryable: false };
}

/** Where a question waits, and for how long. */
interface QueuedAt {
  id: string;
  expiresMs: number;
  /** Of the configuration by which `mcp-marshal approvals` finds it. */
  configFile?: string | undefined;
}

/** Nobody could be asked, or nobody answered. `queued`: where the question waits now. */
export function unavailableError(open: Described, { why, queued }: { why: string; queued?: QueuedAt }): CallError {
  const { call, alone, mend } = describe(open);
  const ways = [
    ...(queued === undefined
      ? []
      : [
          `the user can run \`${allowCommand(queued.id, queued.configFile)}\` within ${formatMs(queued.expiresMs)}, then send the same call again${open.isKeyed ? newKey : ''}`,
        ]),
    ...(alone === undefined ? [] : [alone]),
    `the user can ${mend}`,
  ];
  const message = `not run: it needs approval: ${call}; ${why}; ${ways.join(', or ')}`;
  return { code: 'approval_unavailable', message, retryable: queued !== undefined };
}

function describe({ call, entry, route }: Described): {
  call: string;
  alone?: string;
  mend: string;
} {
  const isFlow = call.approval?.isFlow === true;
  return { call: call.approval?.reason ?? call.reason, ...waysToAllow(entry, { args: call.arguments, route, isFlow }) };
}
