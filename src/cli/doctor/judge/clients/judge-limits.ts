import { formatCounted, formatMs } from '../../../../batch/reply/format-amount.ts';
import type { Config } from '../../../../config/config.ts';
import { limitsOfClient, maxToolNameChars } from '../../../../core/protocol/client-limits.ts';
import { listNames } from '../../finding.ts';
import type { Finding } from '../../finding.ts';
import type { Registration } from '../../gather/look-at-registrations.ts';

/** What a client would be given. */
export interface OfferFacts {
  config: Pick<Config, 'batch' | 'surface'>;
  /** Of all tools that it sees, our own included. Absent: they are not known. */
  toolNames?: readonly string[];
}

/** A client measures from its side: the answer takes its way, and what it is put into takes its time. */
const marginMs = 5_000;

/** Limits of a client that we would break: on the number of tools, on their names, on the time of a call. */
export function judgeLimits(
  { client, name, place, timeoutMs, isEnabled }: Registration,
  { config, toolNames = [] }: OfferFacts,
): Finding[] {
  const limits = limitsOfClient(client);
  if (limits === undefined || !isEnabled) return [];
  const { title, maxTools, callTimeoutMs } = limits;
  const about = { about: client, place } as const;
  const found: Finding[] = [];
  if (maxTools !== undefined && toolNames.length > maxTools) {
    const message = `${title} takes ${maxTools} tools of all servers together, and these are ${toolNames.length}`;
    const fix =
      'write surface: find, so that tools are looked up when they are needed; or deny in policies what nobody needs';
    found.push({ ...about, level: 'warning', code: 'too-many-tools', message, fix });
  }
  const maxChars = maxToolNameChars(limits, name);
  const long = maxChars === undefined ? [] : toolNames.filter((tool) => tool.length > maxChars);
  if (long.length > 0) {
    const message = `${title} takes names of ${maxChars} characters, and ${formatCounted(long.length, 'tool')} ${long.length === 1 ? 'has a longer one' : 'have longer ones'}: ${listNames(long, 3)}; there ${long.length === 1 ? 'it is' : 'they are'} listed under a name that is cut and ends in a hash`;
    const fix = `give their servers shorter names under servers, or write naming: bare, if a rule of ${title} has to name them`;
    found.push({ ...about, level: 'note', code: 'long-names', message, fix });
  }
  const limitMs = timeoutMs ?? callTimeoutMs;
  const { deadlineMs } = config.batch;
  if (limitMs !== undefined && limitMs <= deadlineMs) {
    const message = `${title} gives a call up after ${formatMs(limitMs)}, and a batch may reply as late as after ${formatMs(deadlineMs)}`;
    const deadline = limitMs > 2 * marginMs ? limitMs - marginMs : limitMs / 2;
    const fix = `write batch: { deadline: ${showDuration(deadline)} }, or raise the time limit of the entry ${name} in ${place.file}`;
    found.push({ ...about, level: 'warning', code: 'client-timeout', message, fix });
  }
  return found;
}

/** As the configuration has it. */
function showDuration(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${Math.floor(ms)}ms`;
}
