import { nameOfPart, namesOfParts } from '../../catalog/lock/compare-tool.ts';
import { renderFinding } from '../../catalog/inspect/inspect-catalog.ts';
import type { Finding } from '../../catalog/inspect/finding.ts';
import { showInvisible } from '../../core/text/show-invisible.ts';
import type { Paint } from '../terminal/paint.ts';
import type { LockDifference } from './lock-differences.ts';

/** Of one part, more is a new text, which `--json` has to its end. */
const maxLines = 60;
/** A server that changes all of its tools at once has changed as a whole. */
const maxShown = 200;

/** What differs from the lock file, for a person: each difference, and below it what has become of the text. */
export function renderDifferences(differences: readonly LockDifference[], paint: Paint): string[] {
  const lines = differences
    .slice(0, maxShown)
    .flatMap((difference) => [
      headOf(difference, paint),
      ...(difference.tool !== undefined && difference.parts.includes('rest') ? [paint.dim(restNote)] : []),
      ...(difference.diff ?? []).flatMap((part) => renderDiff(part, paint)),
    ]);
  const more = differences.length - maxShown;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

/** Nothing in the protocol has a list of tools change with each time it is asked for. */
const restNote =
  '  its other fields are all that clients get beside these, such as _meta and icons; a server that changes them by itself at every list is at fault';

/** Findings for a person, at most so many of them. */
export function renderFindings(findings: readonly Finding[], paint: Paint): string[] {
  const lines = findings.slice(0, maxShown).map((finding) => {
    const brush = finding.level === 'warning' ? paint.odd : paint.dim;
    return `${brush(`${finding.level}:`)} ${renderFinding(finding)}`;
  });
  const more = findings.length - maxShown;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

function headOf({ server, tool, change, parts, isQuarantined, diff }: LockDifference, paint: Paint): string {
  const brush = isQuarantined ? paint.bad : paint.odd;
  const subject = tool === undefined ? `the server ${server}` : `${server}/${showInvisible(tool)}`;
  const named = parts.length === 0 ? '' : `: ${namesOfParts(parts)}`;
  const isUnknown = change === 'changed' && diff === undefined;
  return `${brush(`${change}:`)} ${subject}${named}${isUnknown ? ' (what was accepted is not known on this machine)' : ''}`;
}

function renderDiff({ part, lines }: NonNullable<LockDifference['diff']>[number], paint: Paint): string[] {
  const shown = lines.slice(0, maxLines).map((line) => `    ${brushOf(line, paint)(line)}`);
  const more = lines.length > maxLines ? [`    … and ${lines.length - maxLines} more lines`] : [];
  return lines.length === 0 ? [] : [`  ${nameOfPart(part)}`, ...shown, ...more];
}

function brushOf(line: string, paint: Paint): (text: string) => string {
  if (line.startsWith('+')) return paint.good;
  return line.startsWith('-') ? paint.bad : paint.dim;
}
