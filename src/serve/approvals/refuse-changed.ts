import type { CallRecorder } from '../../schedule/call-recorder.ts';
import type { Approvals } from './create-approvals.ts';

/**
 * The same recorder, at which calls end whose approval is not for what they have become since. The last look before a call leaves: it had
 * its yes when it entered the queues for locks and slots, and its tool may have changed in there.
 */
export function refuseChanged(recorder: CallRecorder, findChange: Approvals['findChange']): CallRecorder {
  return {
    ...recorder,
    sending(call) {
      const error = findChange(call);
      return error === undefined ? recorder.sending(call) : Promise.resolve(error);
    },
    // Its server may have come back as another.
    sendingAgain(call) {
      const error = findChange(call);
      return error === undefined ? recorder.sendingAgain?.(call) : Promise.resolve(error);
    },
  };
}
