/** A message that did not leave this process: whatever it asked for has not happened. */
export class UnsentError extends Error {
  override name = 'UnsentError';
}
