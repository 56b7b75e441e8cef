import { distance } from 'fastest-levenshtein';

// Names from the wire are unbounded and the distance is quadratic; no name that a client would show is longer than this.
const maxNameChars = 128;

/**
 * Up to `limit` of `candidates` (default 3) that differ from `name` by few enough letters to be what was meant, nearest first: at most
 * two letters, or a third of the name if that is more.
 */
export function nearestNames(name: string, candidates: Iterable<string>, limit = 3): string[] {
  if (name.length > maxNameChars) return [];
  const most = Math.max(2, Math.floor(name.length / 3));
  const lowered = name.toLowerCase();
  const near: { candidate: string; edits: number }[] = [];
  for (const candidate of new Set(candidates)) {
    if (Math.abs(candidate.length - name.length) > most) continue;
    const edits = distance(lowered, candidate.toLowerCase());
    if (edits <= most) near.push({ candidate, edits });
  }
  near.sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1));
  return near.slice(0, limit).map(({ candidate }) => candidate);
}
