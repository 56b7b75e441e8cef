/** From the most verbose on (MCP, logging; the severities of RFC 5424). */
const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** Whether a message of this level is wanted by whoever set `threshold`. Levels that are not known always are. */
export function isWanted(level: unknown, threshold: string): boolean {
  const rank = typeof level === 'string' ? levels.indexOf(level) : -1;
  return rank === -1 || rank >= levels.indexOf(threshold);
}

/** The level under which everything comes that one of these wants; absent where there are none. */
export function mostVerbose(wanted: readonly string[]): string | undefined {
  const ranks = wanted.map((level) => levels.indexOf(level)).filter((rank) => rank !== -1);
  return levels[Math.min(...ranks)];
}
