/**
 * A request that was not sent, or was refused before it was run: the server wants to know who we are, and a person has to do something
 * about it. The message says what, and what is wrong.
 */
export class LoginNeeded extends Error {
  override name = 'LoginNeeded';
}
