import { formatCounted, formatMs } from '../../batch/reply/format-amount.ts';
import { renderPlace } from '../../core/place.ts';
import { renderTable } from '../render/table.ts';
import type { Cell } from '../render/table.ts';
import type { Paint } from '../terminal/paint.ts';
import { plainLine } from '../terminal/plain-text.ts';
import type { SeenClient } from './examine-clients.ts';
import type { Check, Examination } from './examination.ts';
import { levels } from './finding.ts';
import type { Finding } from './finding.ts';
import type { ServerReport } from './server-report.ts';

/** More findings than these say that something is wrong with everything. `--json` has all. */
const maxFindings = 100;

/** All that was found, for a person: what was looked at, the servers, the clients, then what is wrong, the worst first. */
export function renderExamination(
  examination: Examination,
  { paint, width }: { paint: Paint; width: number },
): string[] {
  const { program, checks, servers, clients, findings } = examination;
  const shown = findings.slice(0, maxFindings);
  const more = findings.length - shown.length;
  return [
    paint.bold(plainLine(`mcp-marshal ${program.version} in ${program.folder}`)),
    ...table(
      checks.map((check) => renderCheck(check, paint)),
      width,
    ),
    ...section('servers', servers, (all) =>
      table(
        all.map((server) => renderServer(server, paint)),
        width,
      ),
    ),
    ...section('clients', clients, (all) => all.map((client) => `  ${renderClient(client)}`)),
    ...section('found', shown, (all) => all.flatMap((finding) => renderFinding(finding, paint))),
    ...(more > 0 ? [`and ${more} more; --json has all of them`] : []),
    '',
    renderTotal(findings),
  ];
}

function section<T>(title: string, all: readonly T[], render: (all: readonly T[]) => string[]): string[] {
  return all.length === 0 ? [] : ['', title, ...render(all)];
}

function table(rows: readonly (readonly Cell[])[], width: number): string[] {
  return rows.length === 0 ? [] : renderTable(rows, { width: width - 2, mark: '...' }).map((line) => `  ${line}`);
}

function renderCheck({ name, state, says }: Check, paint: Paint): Cell[] {
  const brush = { ok: paint.good, skipped: paint.dim, problem: paint.bad, warning: paint.odd, note: paint.dim }[state];
  return [{ text: name }, { text: state, brush }, { text: plainLine(says) }];
}

function renderServer(server: ServerReport, paint: Paint): Cell[] {
  const { name, state, needsLogin, era, protocolVersion, serverInfo, connectedMs, roundTripMs, tools, tokens } = server;
  const brush = state === 'ready' ? paint.good : state === 'unreachable' ? paint.bad : paint.dim;
  const said = [
    era && `${era}${protocolVersion === undefined ? '' : ` ${protocolVersion}`}`,
    serverInfo && `${serverInfo.name} ${serverInfo.version}`,
    connectedMs !== undefined && `connected in ${formatMs(connectedMs)}`,
    roundTripMs !== undefined && `answers in ${formatMs(roundTripMs)}`,
    tools && formatCounted(tools.total, 'tool'),
    tokens !== undefined && `about ${formatCounted(tokens, 'token')}`,
  ].filter((part) => typeof part === 'string');
  const shownState = needsLogin === true ? 'needs login' : state;
  return [{ text: plainLine(name) }, { text: shownState, brush }, { text: plainLine(said.join(', ')) }];
}

function renderClient({ title, files, isRegistered, names }: SeenClient): string {
  const is = isRegistered
    ? `mcp-marshal is among its servers as ${names.join(', ')}`
    : 'mcp-marshal is not among its servers';
  return plainLine(`${title}: ${formatCounted(files.length, 'file')}, ${is}`);
}

function renderFinding({ level, place, written, message, fix }: Finding, paint: Paint): string[] {
  const brush = { problem: paint.bad, warning: paint.odd, note: paint.dim }[level];
  const where = [place && renderPlace(place), written].filter(Boolean).join(' ');
  const text = plainLine(where === '' ? message : `${where}: ${message}`);
  return [`${brush(level)}: ${text}`, `  ${plainLine(fix)}`];
}

function renderTotal(findings: readonly Finding[]): string {
  const counts = levels.map((level) =>
    formatCounted(findings.filter((finding) => finding.level === level).length, level),
  );
  return counts.join(', ');
}
