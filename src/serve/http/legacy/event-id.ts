/** A place in one of a session's streams: right after one of its messages. */
export interface EventPlace {
  stream: number;
  seq: number;
}

/** The id of an event: unique within its session, and naming its stream, so that a client resumes the right one. */
export function toEventId({ stream, seq }: EventPlace): string {
  return `${stream}-${seq}`;
}

/** The place that an id names; `undefined` for what is no id of ours. */
export function parseEventId(text: string): EventPlace | undefined {
  const [, stream, seq] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  return stream === undefined ? undefined : { stream: Number(stream), seq: Number(seq) };
}
