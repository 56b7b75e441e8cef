import type { CliContext } from '../../context.ts';
import { examine } from '../../doctor/examine.ts';
import { exitCodeOfFindings } from '../../doctor/exit-code.ts';
import { renderExamination } from '../../doctor/render-examination.ts';
import { print, printJson } from '../../output.ts';
import { createPaint } from '../../terminal/paint.ts';
import { describeScreen } from '../../terminal/screen.ts';

/**
 * Looks for what is wrong with the set-up as a whole and names what mends it: the program, the configuration and its files, the servers,
 * the state folder, ports, the clients. Ends with the exit code of the worst that it found. With `offline` it starts nothing and reads
 * files only.
 */
export async function doctor(context: CliContext, { offline }: { offline: boolean }): Promise<number> {
  const { examination, report } = await examine(context, { offline });
  if (context.json) {
    printJson(context, examination);
  } else {
    const screen = describeScreen(context.io, 'stdout');
    // What is piped is searched, and not looked at: nothing is cut.
    const width = screen.isTerminal ? screen.width : Infinity;
    print(context, renderExamination(examination, { paint: createPaint(screen), width }));
  }
  return exitCodeOfFindings(examination.findings, report);
}
