import { standardHeaders } from '../../core/protocol/standard-headers.ts';
import { modernVersionOf, paramsOf, type Message } from '../message.ts';

/** The headers of a message of the modern era. */
export function requestHeaders(message: Message): Record<string, string> {
  return standardHeaders({ method: message['method'], params: paramsOf(message) }, modernVersionOf(message));
}
