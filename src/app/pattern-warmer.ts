import { warmPatterns } from '../batch/schema/pattern-book.ts';
import type { Tool } from '../core/tool.ts';

/** Long enough for the list of tools to be answered first. */
const afterMs = 20;

/** Makes patterns ready to be tried as soon as a tool has one, rather than in the middle of the first call that needs it. */
export interface PatternWarmer {
  /** The tools may have changed. */
  look(tools: () => Iterable<Tool>): void;
  close(): void;
}

export function createPatternWarmer(steps: () => Iterator<void> = warmPatterns): PatternWarmer {
  /** Lists are built anew with every change; their tools are the same objects. */
  const seen = new WeakSet<Tool>();
  let timer: NodeJS.Timeout | undefined;
  let isDone = false;

  /** A step in each turn, since nobody else is served in the meantime. */
  const warm = (left: Iterator<void>): void => {
    if (left.next().done !== true) timer = setTimeout(() => warm(left), 1).unref();
  };
  const isNewWithPattern = (tool: Tool): boolean => {
    if (seen.has(tool)) return false;
    seen.add(tool);
    return hasPattern(tool);
  };

  return {
    look(tools) {
      if (isDone) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        if (![...tools()].some(isNewWithPattern)) return;
        isDone = true;
        warm(steps());
      }, afterMs).unref();
    },
    close() {
      isDone = true;
      clearTimeout(timer);
    },
  };
}

/** By its text: a description that shows one warms us for nothing, which harms nobody. */
function hasPattern({ inputSchema }: Tool): boolean {
  return /"pattern(?:Properties)?":/.test(JSON.stringify(inputSchema));
}
