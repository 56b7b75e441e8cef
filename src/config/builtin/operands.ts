/** Which options have their value in the next word. Either `values` names those that do, or `flags` those that do not. */
type Options = { values: readonly string[] } | { flags: readonly string[] };

/** A command line as far as the program that it runs: the first word that is neither an option nor the value of one. */
interface Operand {
  operand: string | undefined;
  /** What stands behind it: the arguments of the program itself. */
  after: readonly string[];
  /** The options before it that have a value. Of one that is given twice, the first. */
  options: ReadonlyMap<string, string>;
}

export function firstOperand(args: readonly string[], known: Options): Operand {
  const options = new Map<string, string>();
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === '--') return { operand: args[index + 1], after: args.slice(index + 2), options };
    if (!arg.startsWith('-') || arg === '-') return { operand: arg, after: args.slice(index + 1), options };
    const [name, value] = splitOption(arg);
    if (value !== undefined) {
      if (!options.has(name)) options.set(name, value);
    } else if (hasValue(name, known) && args[index + 1] !== undefined) {
      if (!options.has(name)) options.set(name, args[index + 1]!);
      index++;
    }
  }
  return { operand: undefined, after: [], options };
}

function splitOption(arg: string): [name: string, value?: string] {
  const sign = arg.indexOf('=');
  return sign < 0 ? [arg] : [arg.slice(0, sign), arg.slice(sign + 1)];
}

function hasValue(name: string, known: Options): boolean {
  if ('values' in known) return known.values.includes(name);
  if (known.flags.includes(name)) return false;
  // Of several letters together (`-it`) none has a value, or the value is attached (`-p8080:80`).
  return name.startsWith('--') || name.length === 2 ? !/^-[idtPq]$/.test(name) : false;
}
