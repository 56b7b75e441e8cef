import { defaultLimits } from '../../core/limits.ts';
import type { Limits } from '../../core/limits.ts';
import { count, duration, mapping } from './fields.ts';

const most = 1024 * 1024 * 1024;
const bytes = (key: keyof Limits, meaning: string, least = 65_536): ReturnType<typeof limit> =>
  limit(key, meaning, [least, most]);
const number = (key: keyof Limits, meaning: string): ReturnType<typeof limit> => limit(key, meaning, [1, 1_000_000]);

/** The key `limits`, as written. What is met says its key. */
export const limitsSchema = mapping(
  {
    messageBytes: bytes(
      'messageBytes',
      'One message of a server over stdio; a longer one is dropped and its call fails.',
    ),
    responseBytes: bytes(
      'responseBytes',
      'One answer of a server over HTTP, or one event of a stream; a longer one is dropped and its call fails.',
    ),
    queuedBytes: bytes('queuedBytes', 'What may wait for a server over stdio that does not read; further calls fail.'),
    stderrLines: limit('stderrLines', "The last lines of a server's stderr that are kept for errors.", [1, 1_000]),
    requestBytes: bytes('requestBytes', 'One message of a client, over stdio or HTTP; a longer one is refused.'),
    unreadBytes: bytes('unreadBytes', 'What a client over stdio may leave unread; beyond, its connection is closed.'),
    streamBytes: bytes(
      'streamBytes',
      'What a client over HTTP may leave unread of one stream; beyond, the stream is cut.',
    ),
    connections: number('connections', 'Connections over HTTP; further ones are answered with 503.'),
    openRequests: number(
      'openRequests',
      'Requests over HTTP that are open at once; further ones are answered with 503.',
    ),
    uploadBytes: bytes(
      'uploadBytes',
      'Request bodies over HTTP that are being read at once, together; further ones are answered with 503.',
    ),
    sessions: number('sessions', 'Sessions of legacy clients over HTTP; the one that was idle longest goes.'),
    sessionIdle: duration().prefault('30m').describe('How long a session over HTTP is kept without a request.'),
    sessionRequests: number(
      'sessionRequests',
      'Requests that are open at once in one session; further ones are answered with 503.',
    ),
    replayEvents: number('replayEvents', 'Messages of one session that are kept for a stream that breaks off.'),
    replayChars: limit('replayChars', 'The same, in characters.', [1_000, most]),
    passthroughCalls: number(
      'passthroughCalls',
      'Calls by themselves that are in flight at once; further ones fail with limit_exceeded.',
    ),
    queuedCalls: number(
      'queuedCalls',
      'Calls of batches that wait to be started; a further batch is refused with limit_exceeded.',
    ),
    subscriptions: number('subscriptions', 'Resources that one client may watch at once.'),
    backgroundBatches: number('backgroundBatches', 'Batches that go on after their reply; further ones end with it.'),
    keptBatches: number('keptBatches', 'Batches that have ended and can be read again; the oldest go.'),
    keptChars: limit('keptChars', 'The same, in characters of results and arguments.', [10_000, most]),
  },
  '{ messageBytes: 10485760 }',
);

function limit(key: keyof Limits, meaning: string, [least, highest]: [number, number]) {
  return count(least, highest).prefault(defaultLimits[key]).describe(meaning);
}
