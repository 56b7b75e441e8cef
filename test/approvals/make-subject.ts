import { createHash } from 'node:crypto';
import type { ApprovalOwner, ApprovalSubject } from '../../src/core/approval.ts';

/** A call that needs approval; its digests follow from what it is, as in the program. */
export function makeSubject(given: Partial<ApprovalSubject> & { definition?: string } = {}): ApprovalSubject {
  const { definition = '', ...fields } = given;
  const subject = {
    server: 'files',
    exposedName: 'files__delete_file',
    arguments: { path: 'notes.md' },
    class: 'destructive' as const,
    reason: 'annotation destructiveHint: true',
    remember: 'none' as const,
    ...fields,
  };
  const tool = [subject.server, subject.exposedName, definition];
  return {
    digest: hash([...tool, subject.arguments]),
    toolDigest: hash(tool),
    ...subject,
  };
}

export const ann: ApprovalOwner = { principal: 'stdio-1', keyScope: 'stdio/ann' };
export const bob: ApprovalOwner = { principal: 'http-2', keyScope: 'http/bob' };

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
