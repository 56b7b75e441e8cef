import { renderGanttSvg } from '../picture/gantt-svg.ts';
import { toTrace } from '../trace/to-trace.ts';
import type { TracedBatch } from '../trace/to-trace.ts';
import { renderTrace } from '../trace/render-trace.ts';
import { openOutputFile } from './open-output-file.ts';

/** A file in which a batch is to stand when it has run. */
export interface BatchFile {
  /** As it was named. */
  named: string;
  /** `the trace`. */
  noun: string;
  /** What can be done with it. */
  use: string;
  /** Replaces the file as a whole. Rejects with what the file system says. */
  write(batch: DrawnBatch): Promise<void>;
}

/** What is written of a batch. */
export interface DrawnBatch extends TracedBatch {
  /** How many calls it had, where some have left no trace. */
  total?: number;
}

const kinds = {
  trace: {
    noun: 'the trace',
    example: 'trace.json',
    use: '; open it in Perfetto or chrome://tracing',
    render: (batch: DrawnBatch) => renderTrace(toTrace(batch)),
  },
  svg: { noun: 'the drawing', example: 'batch.svg', use: '', render: (batch: DrawnBatch) => renderGanttSvg(batch) },
};

/** Makes sure that each of the files named can be written, before anything runs. Throws a usage failure that says why not. */
export async function openBatchFiles(
  named: { [kind in keyof typeof kinds]?: string | undefined },
  { cwd }: { cwd: string },
): Promise<BatchFile[]> {
  const files: BatchFile[] = [];
  for (const kind of ['trace', 'svg'] as const) {
    const path = named[kind];
    if (path === undefined) continue;
    const { noun, example, use, render } = kinds[kind];
    // oxlint-disable-next-line no-await-in-loop -- of two files that cannot be written, the first one is told of
    const file = await openOutputFile(path, { cwd, option: `--${kind}`, noun, example });
    files.push({ named: path, noun, use, write: (batch) => file.write(render(batch)) });
  }
  return files;
}
