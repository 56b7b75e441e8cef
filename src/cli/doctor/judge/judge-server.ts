import { quoteWord } from '../../terminal/quote-word.ts';
import { formatCounted, formatMs } from '../../../batch/reply/format-amount.ts';
import type { Config, ServerConfig } from '../../../config/config.ts';
import { showInvisible } from '../../../core/text/show-invisible.ts';
import type { CommandFacts } from '../gather/look-at-commands.ts';
import { listNames } from '../finding.ts';
import type { Finding } from '../finding.ts';
import type { ServerReport } from '../server-report.ts';
import { mendOfMissing, mendOfReason } from './mend-of-reason.ts';

/** A server, and what is known of it. */
export interface ServerFacts {
  config: ServerConfig;
  report: ServerReport;
  /** Absent where it is no process, or is not started. */
  command?: CommandFacts | undefined;
  /** `builtin:NAME`, where one ships for what it starts or reaches. */
  builtin?: string | undefined;
  /** Where the policies that ship lie. */
  policyFolder: string;
  surface: Config['surface'];
}

/** Slower than this from a request to its answer, every batch feels it. */
const slowMs = 1_000;
/** A tenth of what a model with a short context has in all. */
const manyTokens = 20_000;

/** What is wrong with a server: why it is not there, or how far its tools are known. */
export function judgeServer(facts: ServerFacts): Finding[] {
  const { config, report, command } = facts;
  const about = { about: 'server', server: config.name, place: config.place } as const;
  if (!config.enabled) return [];
  if (command !== undefined && command.file === undefined) {
    const message = `${config.name} cannot be started: the command "${command.command}" was not found`;
    const fix = mendOfMissing(command.command, config.name);
    return [{ ...about, level: 'problem', code: 'command-not-found', message, fix }];
  }
  if (report.state === 'unreachable') return [unreachable(facts)];
  return report.state === 'ready' ? [...judgePace(facts), ...judgeTools(facts)] : [];
}

function unreachable({ config, report, command }: ServerFacts): Finding {
  const { reason = 'it is not there', needsLogin = false } = report;
  const subject = { server: config.name, needsLogin, ...(command && { command: command.command }) };
  const { code, fix } = mendOfReason(reason, subject);
  const what = needsLogin ? 'wants a login' : 'is not there';
  const message = `${config.name} ${what}: ${reason}`;
  return { about: 'server', server: config.name, place: config.place, level: 'problem', code, message, fix };
}

function judgePace({ config, report }: ServerFacts): Finding[] {
  const about = { about: 'server', server: config.name, place: config.place } as const;
  if (report.roundTripMs === undefined) {
    const message = `${config.name} has listed its tools, and does not answer the smallest request within seconds`;
    const fix = `see what it is busy with; limit its calls with servers.${config.name}.timeout: 30s`;
    return [{ ...about, level: 'warning', code: 'slow', message, fix }];
  }
  if (report.roundTripMs < slowMs) return [];
  const message = `${config.name} takes ${formatMs(report.roundTripMs)} for the smallest request, and every call takes that too`;
  const fix = `send its calls in batches, where they run side by side; servers.${config.name}.maxParallel: 16 allows more of them`;
  return [{ ...about, level: 'note', code: 'slow', message, fix }];
}

function judgeTools(facts: ServerFacts): Finding[] {
  const { config, report, surface, policyFolder, builtin } = facts;
  const { name, policy } = config;
  const about = { about: 'policies', server: name, place: config.place } as const;
  const found: Finding[] = [];
  const { unclassified = [], tokens = 0, tools, serverInfo } = report;
  if (tools?.total === 0) {
    const message = `${name} is there, and offers no tools`;
    const fix = `see in its documentation which env or args switch them on; or write servers.${name}.enabled: false`;
    found.push({ ...about, about: 'server', level: 'warning', code: 'no-tools', message, fix });
  }
  if (unclassified.length > 0) {
    const names = listNames(unclassified.map((tool) => showInvisible(tool)));
    const many = formatCounted(unclassified.length, 'tool');
    const become = `${unclassified.length === 1 ? 'it counts' : 'they count'} as ${policy.unannotated}, and ${unclassified.length === 1 ? 'runs' : 'run'} one at a time`;
    if (policy.file?.startsWith('builtin:') === true) {
      const shipped = policy.file.slice('builtin:'.length);
      const version = serverInfo === undefined ? 'this server' : `${serverInfo.name} ${serverInfo.version}`;
      const proven = policy.proven?.tools ?? policy.proven?.documentation ?? 'another version';
      const message = `${policy.file} (made for ${proven}) does not know ${many} of ${version}: ${names}; ${become}`;
      const fix = `cp ${quoteWord(`${policyFolder}/${shipped}.yaml`)} ${name}.yaml beside the configuration, add rules for them, and write servers.${name}.policy: ${name}.yaml`;
      found.push({ ...about, level: 'warning', code: 'policy-older', message, fix });
    } else {
      const message = `neither a rule nor a hint says what ${many} of ${name} ${unclassified.length === 1 ? 'does' : 'do'}: ${names}; ${become}`;
      const own = policy.file === undefined ? `a file named by servers.${name}.policy` : policy.file;
      const fix =
        policy.file === undefined && builtin !== undefined
          ? `write servers.${name}.policy: ${builtin}`
          : `write those that only read into ${own}, such as read: ["get_*", "list_*"]`;
      found.push({ ...about, level: 'note', code: 'unclassified', message, fix });
    }
  }
  if (tokens > manyTokens && surface === 'passthrough') {
    const message = `the tools of ${name} take about ${tokens.toLocaleString('en-US')} tokens (characters / 4) of every conversation`;
    const fix = 'write surface: find, so that tools are looked up when they are needed, or maxDescriptionChars: 300';
    found.push({ ...about, about: 'server', level: 'note', code: 'many-tokens', message, fix });
  }
  return found;
}
