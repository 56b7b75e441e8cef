import { judge } from '../verdict.mjs';
import { printWays } from '../ways-table.mjs';

/** Prints what the ways to reach a subject took, holds mcp-marshal's ratio to direct calls against `bar`, and returns the verdicts. */
export function reportWays(took, { part, subject, bar }) {
  const { era = 'legacy', server, tool, hasBar } = subject;
  const judged = hasBar ? took.filter(({ name }) => name.startsWith('mcp-marshal')) : [];
  const verdicts = judged.map(({ name, ratio }) => [
    name,
    judge(`${part} ${era} ${tool} ${name}`, ratio, { atMost: bar }),
  ]);
  printWays(`${tool} of the ${server} server${era === 'modern' ? ', modern' : ''}`, took, Object.fromEntries(verdicts));
  return verdicts.map(([, verdict]) => verdict);
}
