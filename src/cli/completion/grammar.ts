import type { Argument, Command, Option } from 'commander';

/** What can be typed after a command, as commander has it: there is no second list that could differ from it. */
export interface Grammar {
  /** The words that call it, without the program's name: `tools explain`. */
  path: string;
  name: string;
  description: string;
  commands: readonly Grammar[];
  options: readonly GrammarOption[];
  arguments: readonly GrammarValue[];
}

export interface GrammarOption {
  /** `-f` and `--follow`. */
  names: readonly string[];
  description: string;
  /** Absent: it takes none. */
  value?: GrammarValue;
}

export interface GrammarValue {
  /** As the help has it, without brackets: `file`. */
  name: string;
  description: string;
  choices: readonly string[];
  isRequired: boolean;
  isVariadic: boolean;
}

/** The grammar of a command and those below it; what is hidden from the help is not among it. */
export function grammarOf(command: Command, above: string = ''): Grammar {
  const help = command.createHelp();
  const path = command.parent === null ? '' : `${above} ${command.name()}`.trim();
  const global = command.parent === null ? [] : help.visibleGlobalOptions(command).filter(isForAll);
  return {
    path,
    name: command.name(),
    description: command.description(),
    commands: help
      .visibleCommands(command)
      .filter((inner) => inner !== command)
      .map((inner) => grammarOf(inner, path)),
    options: [...help.visibleOptions(command), ...global].map(toOption),
    arguments: command.registeredArguments.map(toArgument),
  };
}

/** The version is the program's, whatever command it is asked of. */
function isForAll(option: Option): boolean {
  return option.attributeName() !== 'version';
}

function toOption(option: Option): GrammarOption {
  const { short, long, flags, description, argChoices = [], required, optional, variadic } = option;
  const name = /[<[]([^\].>]+)/.exec(flags)?.[1] ?? '';
  return {
    names: [short, long].filter((spelling) => spelling !== undefined),
    description,
    ...((required || optional) && {
      value: { name, description, choices: argChoices, isRequired: required, isVariadic: variadic },
    }),
  };
}

function toArgument(argument: Argument): GrammarValue {
  const { description, argChoices = [], required, variadic } = argument;
  return { name: argument.name(), description, choices: argChoices, isRequired: required, isVariadic: variadic };
}
