/** A server answered with what the protocol does not know; the message says with what, and never quotes it. */
export class BrokenAnswer extends Error {
  override name = 'BrokenAnswer';
}
