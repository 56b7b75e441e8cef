import type { ApprovalSubject } from '../../../../src/core/approval.ts';
import type { AskedCall } from '../../../../src/serve/approvals/question/question-form.ts';

/** A call that a person is asked about. */
export function askedCall(id: string, subject: Partial<ApprovalSubject> = {}): AskedCall {
  return {
    id,
    subject: {
      server: 'files',
      exposedName: 'files__delete',
      arguments: { path: `/tmp/${id}` },
      class: 'destructive',
      reason: 'it is destructive: destructive "delete"',
      digest: 'd'.repeat(64),
      toolDigest: 't'.repeat(64),
      remember: 'none',
      ...subject,
    },
  };
}

export function askedCalls(count: number, subject: Partial<ApprovalSubject> = {}): AskedCall[] {
  return Array.from({ length: count }, (_, index) => askedCall(`c${index}`, subject));
}
