// The script's arguments.
import { parseArgs } from 'node:util';

const sets = ['2025-11-25', '2026-07-28'];
const upstreams = ['http', 'stdio'];

export const usage = `Usage: node test/conformance/run.mjs [options]

  --set ${sets.join('|')}  one set only
  --only http|stdio          the proxy in front of one kind of upstream only
  --direct                   the fixture alone, without a proxy
  --url URL                  compare what answers there with the fixture, instead of the proxy
  --results DIR              keep the suite's results there
`;

/**
 * Which runs to make: `{ sets, targets, url, resultsDir }`; a target is `http`, `stdio` or `url`, and none of them with `--direct`.
 * `{ problem }` where the arguments make no sense.
 */
export function parseOptions(args) {
  const options = readArgs(args);
  if ('problem' in options) return options;
  const { set, only, direct, url, results } = options;
  if (set !== undefined && !sets.includes(set)) return { problem: `--set is ${sets.join(' or ')}` };
  if (only !== undefined && !upstreams.includes(only)) return { problem: `--only is ${upstreams.join(' or ')}` };
  if (url !== undefined && !URL.canParse(url)) return { problem: '--url is not a URL' };
  if ([only, url, direct].filter(Boolean).length > 1)
    return { problem: '--only, --url and --direct exclude each other' };
  return {
    sets: set === undefined ? sets : [set],
    targets: targetsOf({ only, direct, url }),
    url,
    resultsDir: results,
  };
}

function readArgs(args) {
  const string = { type: 'string' };
  try {
    return parseArgs({
      args,
      options: { set: string, only: string, direct: { type: 'boolean' }, url: string, results: string },
    }).values;
  } catch (error) {
    return { problem: error.message };
  }
}

function targetsOf({ only, direct, url }) {
  if (direct) return [];
  if (url !== undefined) return ['url'];
  return only === undefined ? upstreams : [only];
}
