import type { CliIo } from '../io.ts';

/** What a stream can show. */
export interface Screen {
  isTerminal: boolean;
  /** Columns. */
  width: number;
  color: boolean;
  /** Whether the locale says that more than ASCII is shown. */
  unicode: boolean;
}

/** Wide enough for a chart, narrow enough for a log: what a pipe or a file gets. */
const pipeWidth = 100;

/** What stdout or stderr can show. `NO_COLOR`, `CI` and a pipe mean no colour; `FORCE_COLOR` overrules the last two. */
export function describeScreen(io: CliIo, name: 'stdout' | 'stderr'): Screen {
  const { env } = io;
  const isTerminal = io[name].isTTY === true;
  const columns = io[name].columns ?? 0;
  return {
    isTerminal,
    width: isTerminal && columns > 0 ? columns : pipeWidth,
    color: wantsColor(env, isTerminal),
    unicode: /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''),
  };
}

function wantsColor(env: CliIo['env'], isTerminal: boolean): boolean {
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTerminal && !env['CI'] && env['TERM'] !== 'dumb';
}
