import { expect, test } from 'vitest';
import { toSendResult } from '../../../src/upstream/peer/to-send-result.ts';

test('a call whose connection is lost hears what may have come of it, whether it reads or writes', () => {
  const answer = toSendResult('files', {
    kind: 'lost',
    sent: true,
    reason: 'the connection ended',
    endsConnection: true,
  });
  expect(answer).toMatchObject({
    ok: false,
    sent: true,
    error: {
      code: 'connection_lost',
      message:
        'files: the connection ended; no answer came, so unless the call only reads, what the call did is not known',
    },
  });
});
