import type { Problem } from '../core/place.ts';

/** Exit codes of every command, as the contract lists them. */
export const exitCodes = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  authentication: 3,
  unreachable: 4,
  unsuccessful: 5,
  denied: 6,
  changed: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Why a command could not do its work: what was found, and what would mend it. Ends the command with `exitCode`. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly exitCode: ExitCode;
  /** A word for programs: `usage`, `invalid_configuration`, `unknown_tool`, … */
  readonly code: string;
  /** What to do about it; empty where the message says all. */
  readonly fix: string;
  /** One by one, what the message is about, where that is more than one thing. */
  readonly problems: readonly Problem[] | undefined;

  constructor(
    message: string,
    about: { exitCode: ExitCode; code: string; fix?: string; problems?: readonly Problem[] },
  ) {
    super(message);
    this.exitCode = about.exitCode;
    this.code = about.code;
    this.fix = about.fix ?? '';
    this.problems = about.problems;
  }
}

/** A failure for what was typed. */
export function usageFailure(message: string, fix = ''): CliFailure {
  return new CliFailure(message, { exitCode: exitCodes.usage, code: 'usage', fix });
}

/** A failure for a command that was stopped before it was done. */
export function interruptedFailure(): CliFailure {
  return new CliFailure('interrupted', { exitCode: exitCodes.interrupted, code: 'interrupted' });
}
