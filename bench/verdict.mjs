/**
 * A figure held against its bar, the most or the least that it may be.
 * @returns for a machine `id`, `figure`, the bar and whether it `holds`; `text` for the table
 */
export function judge(id, figure, { atMost, atLeast }) {
  const holds = atMost === undefined ? figure >= atLeast : figure <= atMost;
  const bar = atMost === undefined ? `≥${atLeast}` : `≤${atMost}`;
  return { id, figure, bar, holds, text: `${bar} ${holds ? 'holds' : 'MISSED'}` };
}
