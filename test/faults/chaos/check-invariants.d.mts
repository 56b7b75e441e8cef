/** What a server did: one line of its log. */
export interface LogLine {
  event: string;
  nonce?: string;
}

/** What the client was told of a write. */
export interface Told {
  tool: 'write' | 'put';
  ends: { status: string; applied: string; code?: string; batchId?: string; isLate?: true }[];
}

export interface Evidence {
  logs: LogLine[];
  told: Map<string, Told>;
  calls: { batchId?: string; callId: string; status: string; applied: string; arguments?: { nonce?: string } }[];
  batches: { batchId: string; status: string }[];
}

export function checkInvariants(evidence: Evidence): string[];
