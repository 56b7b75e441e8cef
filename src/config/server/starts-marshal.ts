/**
 * True where a server's command would start mcp-marshal itself: `mcp-marshal serve`, `npx -y mcp-marshal@1.2.3`,
 * `node …/mcp-marshal/dist/main.js`, `sh -c "npx mcp-marshal serve"`.
 * A path that merely ends in `mcp-marshal` counts only where a program stands, since it may as well be a folder that
 * another server works on.
 */
export function startsMarshal(command: string, args: readonly string[]): boolean {
  if (isMarshalProgram(command)) return true;
  const program = args.findIndex((arg) => !isFlag(arg));
  return args.some((arg, index) => {
    if (isShellSwitch(args[index - 1])) return arg.split(/\s+/).some(isMarshalProgram);
    return index === program || !/[\\/]/.test(arg) ? isMarshalProgram(arg) : isMarshalMain(arg);
  });
}

function isMarshalProgram(word: string): boolean {
  const base = word.split(/[\\/]/).at(-1) ?? '';
  return /^mcp-marshal(?:@[^\\/]*)?(?:\.cmd|\.exe|\.ps1)?$/i.test(base) || isMarshalMain(word);
}

/** The program file itself, or the link to it that a package manager makes. */
function isMarshalMain(word: string): boolean {
  return /(?:^|[\\/])(?:mcp-marshal[\\/](?:dist|src)[\\/]main\.[jt]s|\.bin[\\/]mcp-marshal(?:\.cmd)?)$/i.test(word);
}

function isFlag(arg: string): boolean {
  return arg.startsWith('-') || /^\/[a-z]$/i.test(arg);
}

function isShellSwitch(arg: string | undefined): boolean {
  return arg !== undefined && /^(?:-l?c|\/c)$/i.test(arg);
}
