import type { ToolClass } from '../../core/tool.ts';
import type { Caller } from '../../core/verdict.ts';
import { localPrincipal } from '../batch/batch-input.ts';
import type { Engine } from '../engine.ts';

/** Tells on whose behalf a call is made, by what has been read until the moment in which it is asked. */
export function callerOf(
  { setup, flow: ledger }: Pick<Engine, 'setup' | 'flow'>,
  { principal = localPrincipal, scopes }: { principal?: string; scopes?: ReadonlySet<ToolClass> },
): () => Caller {
  // A batch goes by one configuration from its first call to its last.
  const { flow } = setup();
  return () => ({
    ...(scopes !== undefined && { scopes }),
    ...(flow !== undefined && {
      flow: { action: flow.action, touched: flow.within === 'session' ? ledger.touched(principal) : {} },
    }),
  });
}
