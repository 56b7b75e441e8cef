import type { Place } from './place.ts';
import type { ToolClass } from './tool.ts';

/** What a call is, and why. `rule` classifications are the user's word; `hint` is the upstream's; `default` is the configured fallback. */
export interface Classification {
  class: ToolClass;
  source: 'rule' | 'hint' | 'default';
  /** One phrase for people and models, the rule with file and line included where there is one. */
  reason: string;
  place?: Place;
}

/** How a call reaches us: as an entry of a batch, or as a tool call of its own, about which the client asks its own user. */
export type CallRoute = 'batch' | 'passthrough';

/** What policy says may be done with a call, and why. `deny` beats `ask` beats `allow`. */
export interface Decision {
  decision: 'allow' | 'ask' | 'deny';
  reason: string;
  place?: Place;
  /** What a denied call ends with. Absent: `denied_by_policy`. */
  code?: 'denied_by_policy' | 'tool_changed';
  /** It is the flow rule that decides: what was read before, not what the call is by itself. */
  isFlow?: true;
}

/** What a tool can do to what a client has in its context, as policy marks it: bring in what strangers have written, bring in what is private, let something out. */
export const flowMarks = ['untrusted', 'private', 'exfiltrates'] as const;
export type FlowMark = (typeof flowMarks)[number];

/** What a batch or a session has read from, each with the exposed name of the tool that it was first. */
export interface Touched {
  untrusted?: string;
  private?: string;
}

/** On whose behalf a call is made, as far as policy looks at it. */
export interface Caller {
  /** The classes of calls that its credentials allow. Absent: all. */
  scopes?: ReadonlySet<ToolClass>;
  /** The flow rule, where one is configured: what is to become of a call that could let out what is private, and what was read before it. */
  flow?: { action: 'ask' | 'deny'; touched: Touched };
}

/** What has been read from, once this call has run too. What was touched first keeps its name. */
export function touchedBy(
  touched: Touched,
  { exposedName, marks }: { exposedName: string; marks?: readonly FlowMark[] },
): Touched {
  const isNew = (mark: keyof Touched): boolean => touched[mark] === undefined && marks?.includes(mark) === true;
  if (!isNew('untrusted') && !isNew('private')) return touched;
  return {
    ...touched,
    ...(isNew('untrusted') && { untrusted: exposedName }),
    ...(isNew('private') && { private: exposedName }),
  };
}
