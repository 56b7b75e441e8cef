export interface CheckRow {
  scenario: string;
  id: string;
  status: string;
  message?: string | undefined;
  isRequired: boolean;
}

export interface Difference {
  kind: 'lost' | 'gained' | 'explained';
  scenario: string;
  id: string;
  occurrence: number;
  isRequired: boolean;
  from: string;
  to: string;
  message: string | undefined;
}

export interface Explanation {
  scenario: string;
  id: string;
  to: string;
  reason: string;
}

export function compareChecks(
  direct: readonly CheckRow[],
  proxied: readonly CheckRow[],
  options?: { explanations?: readonly Explanation[] },
): Difference[];
