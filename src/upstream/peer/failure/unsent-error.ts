/** A message that did not leave this process: whatever it asked for has not happened. */
export class UnsentError extends Error {
  override name = 'UnsentError';
  /** Absent where it cannot be sent as it is, however often. */
  readonly fault: 'transport' | undefined;

  constructor(message: string, { fault }: { fault?: 'transport' } = {}) {
    super(message);
    this.fault = fault;
  }
}
