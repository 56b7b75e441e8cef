import type { JsonObject } from '../../core/json.ts';
import { openOutputFile } from '../output/open-output-file.ts';
import { renderTrace } from './render-trace.ts';

/** A file that can be written, as far as can be known before it is. */
export interface TraceFile {
  /** Replaces the file as a whole. Rejects with what the file system says. */
  write(trace: JsonObject): Promise<void>;
}

/**
 * Makes sure that a trace can be written there, before anything runs. Throws a usage failure that says why not, of the option that named
 * the file; changes nothing.
 */
export async function openTraceFile(
  named: string,
  { cwd, option }: { cwd: string; option: string },
): Promise<TraceFile> {
  const file = await openOutputFile(named, { cwd, option, noun: 'the trace', example: 'trace.json' });
  return { write: (trace) => file.write(renderTrace(trace)) };
}
