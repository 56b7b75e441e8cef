import type { JsonObject } from '../../core/json.ts';

/** A trace as JSON with an event a line, so that it can be searched line by line. */
export function renderTrace({ traceEvents, ...rest }: JsonObject): string {
  const events = Array.isArray(traceEvents) ? traceEvents.map((event) => JSON.stringify(event)) : [];
  const head = JSON.stringify(rest).slice(0, -1);
  return `${head}${head === '{' ? '' : ','}"traceEvents":[\n${events.join(',\n')}\n]}\n`;
}
