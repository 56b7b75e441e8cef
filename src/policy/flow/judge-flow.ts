import type { Caller, FlowMark } from '../../core/verdict.ts';

/**
 * What the flow rule (reliability.md §4) makes of a call, and why; nothing where it does not hold: the call cannot let anything out, or
 * not both of what strangers have written and what is private were read before it.
 */
export function judgeFlow(
  flow: Caller['flow'],
  { exposedName, marks }: { exposedName: string; marks: readonly FlowMark[] },
): { action: 'ask' | 'deny'; reason: string } | undefined {
  if (flow === undefined || !marks.includes('exfiltrates')) return undefined;
  const { untrusted, private: secret } = flow.touched;
  if (untrusted === undefined || secret === undefined) return undefined;
  const read =
    untrusted === secret
      ? `${untrusted} (untrusted and private) was read before`
      : `${untrusted} (untrusted) and ${secret} (private) were read before`;
  return { action: flow.action, reason: `the flow rule: since ${read}, and ${exposedName} can let things out` };
}
