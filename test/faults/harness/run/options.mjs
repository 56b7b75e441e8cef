// The script's arguments.
import { parseArgs } from 'node:util';

const transports = ['stdio', 'http'];

export const usage = `Usage: npm run faults -- [options]

  --only F04,F22         these rows only
  --transport ${transports.join('|')}   rows on servers over one transport only
  --long                 the slow rows in their whole length
  --again                rows that failed once more, alone, at the end; the table says which
  --markdown             the table in Markdown
  --chaos                writes under kills at random, in place of the rows
      --writes N         so many (default 10000)
      --seconds N        no longer than that
  --soak 5m              a mixed load with faults, so long, in place of the rows
  --seed N               of chaos and soak; printed, so that a run can be repeated
  --program FILE         another build's main.js
`;

/** What to do, every default filled in; \`{ problem }\` where the arguments make no sense. */
export function parseOptions(args) {
  const string = { type: 'string' };
  const boolean = { type: 'boolean' };
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        only: string,
        transport: string,
        long: boolean,
        again: boolean,
        markdown: boolean,
        chaos: boolean,
        writes: string,
        seconds: string,
        soak: string,
        seed: string,
        program: string,
        help: boolean,
      },
    }));
  } catch (error) {
    return { problem: error.message };
  }
  if (values.help) return { problem: '' };
  if (values.transport !== undefined && !transports.includes(values.transport))
    return { problem: `--transport is ${transports.join(' or ')}` };
  if (values.chaos && values.soak !== undefined) return { problem: '--chaos and --soak exclude each other' };
  const soakMs = values.soak === undefined ? undefined : toMs(values.soak);
  if (Number.isNaN(soakMs)) return { problem: '--soak takes a duration, such as 60s or 5m' };
  const numbers = {
    writes: values.writes ?? '10000',
    seconds: values.seconds ?? '3600',
    seed: values.seed ?? String(Date.now() % 1_000_000),
  };
  const wrong = Object.keys(numbers).find((name) => !/^[0-9]+$/.test(numbers[name]));
  if (wrong !== undefined) return { problem: `--${wrong} takes a whole number` };
  return {
    only: values.only?.split(',').map((id) => id.trim().toUpperCase()),
    transport: values.transport,
    isLong: values.long === true,
    isAgain: values.again === true,
    isMarkdown: values.markdown === true,
    isChaos: values.chaos === true,
    soakMs,
    writes: Number(numbers.writes),
    limitMs: Number(numbers.seconds) * 1000,
    seed: Number(numbers.seed),
    program: values.program,
  };
}

function toMs(duration) {
  const [, amount, unit] = /^(\d+)(s|m|h)$/.exec(duration) ?? [];
  return amount === undefined ? NaN : Number(amount) * { s: 1000, m: 60_000, h: 3_600_000 }[unit];
}
