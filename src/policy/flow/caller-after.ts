import { touchedBy, type Caller, type FlowMark } from '../../core/verdict.ts';

/** The caller once this call has run too, with what it has read by then. */
export function callerAfter<C extends Caller | undefined>(
  caller: C,
  call: { exposedName: string; marks?: readonly FlowMark[] },
): C {
  if (caller?.flow === undefined) return caller;
  const touched = touchedBy(caller.flow.touched, call);
  return touched === caller.flow.touched ? caller : { ...caller, flow: { ...caller.flow, touched } };
}
