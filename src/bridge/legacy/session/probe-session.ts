import { rpcCode } from '../../../core/protocol/rpc.ts';
import { explainEnding } from '../../http/explain-ending.ts';
import { sendOwnRequest, type OwnRequest } from '../../http/own-request.ts';
import type { Parts } from '../../parts.ts';
import { isPingForgotten } from './is-forgotten.ts';
import { headersOf, type Session } from './session.ts';

/** `unclear`: it cannot be told now, since the proxy is not there, or has other reasons not to answer. */
export type Standing = { kind: 'known' | 'forgotten' } | { kind: 'unclear'; reason: string };

/** Asks the proxy whether it still knows a session. */
export async function probeSession(
  session: Session,
  { signal, receive, ...parts }: Pick<Parts, 'wire' | 'clock'> & Pick<OwnRequest, 'signal' | 'receive'>,
): Promise<Standing> {
  // Nothing to be known by: such a proxy has nothing that it could forget, and takes a new opening as well.
  if (session.isOver || session.id === undefined) return { kind: 'forgotten' };
  const { ending } = await sendOwnRequest(parts, { method: 'ping', headers: headersOf(session), signal, receive });
  if (ending.kind === 'answered') return { kind: 'known' };
  if (ending.kind === 'refused' && ending.error?.code === rpcCode.methodNotFound) return { kind: 'known' };
  return isPingForgotten(ending) ? { kind: 'forgotten' } : { kind: 'unclear', reason: explainEnding(ending) };
}
