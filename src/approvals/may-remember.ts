import { remembrances, type ApprovalSubject, type Remembrance } from '../core/approval.ts';

/** Whether policy lets a yes for this call be remembered so far. */
export function mayRemember({ remember }: Pick<ApprovalSubject, 'remember'>, wanted: Remembrance): boolean {
  return remembrances.indexOf(wanted) <= remembrances.indexOf(remember);
}
