import { formatCounted } from '../../../batch/reply/format-amount.ts';
import { ConfigError } from '../../../config/config-error.ts';
import { renderPlace } from '../../../core/place.ts';
import type { CliContext } from '../../context.ts';
import { findSetup } from '../../doctor/find-setup.ts';
import type { Finding, FoundConfig, SeenClient } from '../../doctor/find-setup.ts';
import { exitCodes } from '../../failure.ts';
import { surroundingsOf } from '../../import/surroundings.ts';
import { print, printJson } from '../../output.ts';
import { openConfig } from '../../proxy/open-proxy.ts';
import { createPaint } from '../../terminal/paint.ts';
import type { Paint } from '../../terminal/paint.ts';
import { plainLine } from '../../terminal/plain-text.ts';
import { describeScreen } from '../../terminal/screen.ts';

/**
 * Looks for what is wrong with the set-up as a whole: clients' rules that neutralise questions. Connects to nothing. Ends with 2 where
 * the configuration is not valid, with 1 where there is a warning, else with 0.
 */
export async function doctor(context: CliContext): Promise<number> {
  const found = await openFound(context);
  const { clients, findings } = await findSetup(found, surroundingsOf(context.io));
  if (context.json) {
    printJson(context, { configuration: found.config?.file, clients, findings });
  } else {
    const paint = createPaint(describeScreen(context.io, 'stdout'));
    print(context, [...clients.map(renderClient), ...findings.flatMap((finding) => renderFinding(finding, paint))]);
    print(context, [renderTotal(findings)]);
  }
  const has = (level: Finding['level']): boolean => findings.some((finding) => finding.level === level);
  if (has('problem')) return exitCodes.usage;
  // No code of its own stands for a finding; any but 0 tells a script that there is one.
  return has('warning') ? exitCodes.unexpected : exitCodes.ok;
}

async function openFound(context: CliContext): Promise<FoundConfig> {
  try {
    return { config: await openConfig(context) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problems: error.problems };
  }
}

function renderClient({ title, files, isRegistered }: SeenClient): string {
  const is = isRegistered ? 'mcp-marshal is among its servers' : 'mcp-marshal is not among its servers';
  return plainLine(`${title}: ${formatCounted(files.length, 'file')}, ${is}`);
}

function renderFinding({ level, place, written, message, fix }: Finding, paint: Paint): string[] {
  const brush = { problem: paint.bad, warning: paint.odd, note: paint.dim }[level];
  const where = [place && renderPlace(place), written].filter(Boolean).join(' ');
  const text = plainLine(where === '' ? message : `${where}: ${message}`);
  return [`${brush(level)}: ${text}`, ...(fix === undefined ? [] : [`  ${plainLine(fix)}`])];
}

function renderTotal(findings: readonly Finding[]): string {
  const count = (level: Finding['level']): number => findings.filter((finding) => finding.level === level).length;
  const counts = (['problem', 'warning', 'note'] as const).map((level) => formatCounted(count(level), level));
  return counts.join(', ');
}
