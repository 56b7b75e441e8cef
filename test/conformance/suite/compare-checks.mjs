// The checks of two runs, side by side. Pure.

/** From worst to best. INFO, SKIPPED and a check that was not made at all judge nothing. */
const ranks = { FAILURE: 0, WARNING: 1, none: 2, SKIPPED: 2, INFO: 2, SUCCESS: 3 };

/**
 * Every check whose verdict is another one through the proxy, in the order of the direct run: `lost` where it is worse, `gained` where it is better,
 * `explained` where it is worse and `explanations` say why that is right. Checks are the same by scenario, id and occurrence.
 */
export function compareChecks(direct, proxied, { explanations = [] } = {}) {
  const [before, after] = [toMap(direct), toMap(proxied)];
  const differences = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(key), after.get(key)];
    const [from, to] = [was?.status ?? 'none', is?.status ?? 'none'];
    if (rankOf(from) === rankOf(to)) continue;
    const { scenario, id, occurrence, isRequired } = was ?? is;
    const reason = explanations.find((one) => one.scenario === scenario && one.id === id && one.to === to)?.reason;
    const isWorse = rankOf(to) < rankOf(from);
    const kind = !isWorse ? 'gained' : reason === undefined ? 'lost' : 'explained';
    const message = reason ?? is?.message ?? was?.message;
    differences.push({ kind, scenario, id, occurrence, isRequired, from, to, message });
  }
  return differences;
}

// A verdict that this version of the suite does not know counts as the worst.
const rankOf = (status) => ranks[status] ?? 0;

function toMap(rows) {
  const seen = new Map();
  const map = new Map();
  for (const row of rows) {
    const name = `${row.scenario} ${row.id}`;
    const occurrence = (seen.get(name) ?? 0) + 1;
    seen.set(name, occurrence);
    map.set(`${name} ${occurrence}`, { ...row, occurrence });
  }
  return map;
}
