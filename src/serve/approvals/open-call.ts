import type { AbortLike } from '../../core/abort.ts';
import type { Approval } from '../../core/approval.ts';
import type { CallRoute } from '../../core/verdict.ts';
import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import type { PlannedCall } from '../../core/plan.ts';
import type { AskedCall } from './question/question-form.ts';

/** A call whose approval is not known yet. */
export interface OpenCall extends AskedCall {
  call: PlannedCall;
  entry: CatalogEntry;
  route: CallRoute;
  /** Of a batch with an idempotency key: sent again under that, it is answered from the record. */
  isKeyed: boolean;
  /** Aborted when nobody wants the answer any more. */
  signal: AbortLike;
  /** The first one counts. */
  settle(approval: Approval): void;
}
