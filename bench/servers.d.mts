export function echoProgram(env: Record<string, string>): {
  command: string;
  args: string[];
  env: Record<string, string>;
};
