import { resolve } from 'node:path';
import { readFile, stat } from 'node:fs/promises';
import type { CliIo } from '../io.ts';
import { usageFailure } from '../failure.ts';

/** Longer than any token. */
const maxChars = 8192;

/**
 * The token that the bridge shows to its proxy: of a file, or of the environment. Never of the command line, which every user of a
 * machine can read. Undefined where there is none. Throws a usage failure that does not quote what it has read.
 */
export async function readProxyToken({ env, cwd }: CliIo, tokenFile: string | undefined): Promise<string | undefined> {
  if (tokenFile === undefined) {
    const given = env['MCP_MARSHAL_TOKEN'];
    return given === undefined || given === '' ? undefined : check(given, 'MCP_MARSHAL_TOKEN');
  }
  const file = resolve(cwd, tokenFile);
  return check(await read(file), file);
}

async function read(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    // What does not fit is no token, whatever it begins with.
    return size > maxChars ? '' : await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw usageFailure(`${file} cannot be read (${code})`, 'write the file that holds the token as --token-file');
  }
}

function check(written: string, where: string): string {
  const token = written.trim();
  if (token.length <= maxChars && /^[\w\-.~+/]+=*$/.test(token)) return token;
  throw usageFailure(
    `${where} does not hold a token`,
    'it holds the token alone, as mcp-marshal token create printed it',
  );
}
