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
}
