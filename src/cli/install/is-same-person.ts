import type { ClientServer } from '../../clients/client.ts';
import type { ServerConfig } from '../../config/config.ts';

/** A second account is the same program with another token. Values that the client fills in are not known. */
export function isSamePerson(
  { entry }: Pick<ClientServer, 'entry'>,
  { transport }: Pick<ServerConfig, 'transport'>,
): boolean {
  if (entry === undefined) return true;
  const theirs = 'command' in entry.launch ? entry.launch.env : entry.launch.headers;
  const ours = 'command' in transport ? transport.env : transport.headers;
  return Object.entries(theirs).every(
    ([key, value]) => value.includes('$') || ours[key] === undefined || ours[key] === value,
  );
}
