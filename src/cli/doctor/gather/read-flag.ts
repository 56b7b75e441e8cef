/** The value of a flag among arguments, written as `--flag value` or `--flag=value`: the last of several, as when they are parsed. */
export function readFlag(args: readonly string[], flag: string): string | undefined {
  const at = args.findLastIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  if (at === -1) return undefined;
  return args[at] === flag ? args[at + 1] : args[at]?.slice(flag.length + 1);
}
