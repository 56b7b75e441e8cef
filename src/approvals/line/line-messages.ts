import { remembrances, type Remembrance } from '../../core/approval.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { ToolClass } from '../../core/tool.ts';

/** All that can be asked of a proxy over its socket. */
export type LineRequest =
  | { do: 'list'; id?: string }
  | { do: 'watch' }
  | { do: 'allow'; id: string; remember?: Remembrance }
  | { do: 'deny'; id: string };

/** Why a request was not done. */
export type LineErrorCode = 'malformed' | 'unknown_id' | 'not_remembered';

/** A question as it is shown to whoever answers it. */
export interface ShownQuestion {
  id: string;
  /** The name that the client gave itself. */
  client: string;
  server: string;
  tool: string;
  class: ToolClass;
  reason: string;
  /** The arguments on one line, shortened, secrets covered. */
  shown: string;
  /** The same whole; only of a question that was named. */
  arguments?: JsonObject;
  batchId?: string;
  callId: string;
  /** Of a batch with an idempotency key, under which it would be answered from the record. */
  isKeyed?: boolean;
  /** ISO 8601. */
  askedAt: string;
  expiresAt: string;
  /** How far policy lets a yes be remembered. */
  remember: Remembrance;
  /** Whether a call waits for the answer; else a yes is for the same call, sent again. */
  isAwaited: boolean;
}

/** The answer to a request, and what a watcher hears after it. */
export type LineMessage =
  | { ok: true; questions?: readonly ShownQuestion[] }
  | { ok: false; code: LineErrorCode; message: string }
  | { event: 'asked'; question: ShownQuestion }
  | { event: 'ended'; id: string; how: string };

/** A line made into a request; nothing for anything else, an unknown field included. */
export function parseLineRequest(line: string): LineRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { do: asked, id, remember, ...others } = value;
  if (Object.keys(others).length > 0) return undefined;
  if (asked === 'watch') return id === undefined && remember === undefined ? { do: asked } : undefined;
  if (asked === 'list' && remember === undefined) {
    if (id === undefined) return { do: asked };
    return isId(id) ? { do: asked, id } : undefined;
  }
  if (!isId(id)) return undefined;
  if (asked === 'deny' && remember === undefined) return { do: asked, id };
  if (asked !== 'allow') return undefined;
  if (remember === undefined) return { do: asked, id };
  const wanted = remembrances.find((known) => known === remember);
  return wanted && { do: asked, id, remember: wanted };
}

/** What a proxy has written; nothing for a line that no proxy writes. */
export function isLineMessage(value: unknown): value is LineMessage {
  if (!isJsonObject(value)) return false;
  const { ok, questions, code, message, event, question, id, how } = value;
  if (ok === true) return questions === undefined || (Array.isArray(questions) && questions.every(isShownQuestion));
  if (ok === false) return typeof code === 'string' && typeof message === 'string';
  if (event === 'asked') return isShownQuestion(question);
  return event === 'ended' && typeof id === 'string' && typeof how === 'string';
}

/** Whether something written by a person can be the id of a question. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{6}$/.test(value);
}

function isShownQuestion(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const texts = ['client', 'server', 'tool', 'class', 'reason', 'shown', 'callId', 'askedAt', 'expiresAt', 'remember'];
  return isId(value['id']) && texts.every((field) => typeof value[field] === 'string');
}
