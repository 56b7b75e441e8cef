import type { Command } from 'commander';
import { suggest } from '../../config/schema/suggest.ts';
import { usageFailure } from '../failure.ts';

/** The command that these words call, such as `tools` and `explain`. Throws a failure that suggests what may have been meant. */
export function findCommand(program: Command, names: readonly string[]): Command {
  return names.reduce((command, name) => {
    const found = command.commands.find((inner) => inner.name() === name);
    if (found !== undefined) return found;
    const near = suggest(
      name,
      command.commands.map((inner) => inner.name()),
    );
    const mend = near === undefined ? '' : `did you mean ${near}? `;
    throw usageFailure(`there is no command ${pathOf(command)} ${name}`, `${mend}see ${pathOf(command)} --help`);
  }, program);
}

/** The words that call a command: `mcp-marshal tools explain`. */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
