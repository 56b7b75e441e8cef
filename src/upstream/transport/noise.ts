/** The first report waits a moment, so that a banner of many lines is one warning; later ones come once a minute at most. */
const firstReportMs = 1000;
const reportMs = 60_000;
const sampleChars = 80;

export interface NoiseCounter {
  add(line: string): void;
  close(): void;
}

/**
 * Counts what a server prints on stdout beside the protocol. `onReport` gets the number of lines since the last report and the first of
 * them, redacted and then cut: what is cut first is not known again.
 */
export function createNoiseCounter(
  onReport: (lines: number, sample: string) => void,
  redact: (text: string) => string,
): NoiseCounter {
  let lines = 0;
  let sample = '';
  let timer: NodeJS.Timeout | undefined;
  const report = (): void => {
    timer = undefined;
    if (lines === 0) return;
    onReport(lines, sample);
    lines = 0;
    timer = setTimeout(report, reportMs).unref();
  };
  return {
    add(line) {
      if (lines === 0) sample = describe(line, redact);
      lines += 1;
      timer ??= setTimeout(report, firstReportMs).unref();
    },
    close() {
      clearTimeout(timer);
      if (lines > 0) onReport(lines, sample);
      lines = 0;
    },
  };
}

/** A line that looks like a broken frame may hold results, which no log may. */
function describe(line: string, redact: (text: string) => string): string {
  return /^\s*[[{]/.test(line) ? '(a broken message)' : redact(line).slice(0, sampleChars);
}
