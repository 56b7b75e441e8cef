/** As `engines` in package.json says. */
const least = { major: 20, minor: 19 };

/**
 * What is wrong with a Node of this version, such as `18.20.8`, with what mends it; undefined for one that the program runs on. Older ones
 * lack what the program imports, and would say so in a stack trace.
 */
export function oldNodeMessage(version: string, path: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > least.major || (major === least.major && minor >= least.minor)) return undefined;
  const needed = `${least.major}.${least.minor}`;
  return `mcp-marshal needs Node ${needed} or newer, and ${path} is ${version}; install a newer one, and where a client starts mcp-marshal, register it again: mcp-marshal install --all`;
}
