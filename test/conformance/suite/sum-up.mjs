/** What a run came to: its checks by verdict, and of the required scenarios how many there are and how many failed nothing. Pure. */
export function sumUp(rows) {
  const required = rows.filter(({ isRequired }) => isRequired);
  const scenarios = scenariosOf(required);
  const failed = scenariosOf(required.filter(({ status }) => status === 'FAILURE'));
  return {
    passed: count(rows, 'SUCCESS'),
    failed: count(rows, 'FAILURE'),
    warned: count(rows, 'WARNING'),
    requiredPassed: count(required, 'SUCCESS'),
    requiredFailed: count(required, 'FAILURE'),
    scenarios: scenarios.size,
    scenariosPassed: scenarios.size - failed.size,
  };
}

const scenariosOf = (rows) => new Set(rows.map(({ scenario }) => scenario));

const count = (rows, verdict) => rows.filter(({ status }) => status === verdict).length;
