import { spawn } from 'node:child_process';
import type { CliIo } from '../io.ts';

/**
 * The program that opens a page in the browser of whoever sits here, with its arguments; nothing where nobody does, or where the address
 * is not one of the web. None of them is a shell, which would act on what stands in the address.
 */
function browserCommand(
  url: string,
  { env, stderr, platform }: Pick<CliIo, 'env' | 'stderr'> & { platform: NodeJS.Platform },
): readonly [string, ...string[]] | undefined {
  const isWeb = URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
  // Who is here from afar sees another screen.
  const isHere = stderr.isTTY === true && !env['SSH_CONNECTION'] && !env['SSH_TTY'];
  if (!isWeb || !isHere) return undefined;
  const { href } = new URL(url);
  if (platform === 'darwin') return ['open', href];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', href];
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open', href] : undefined;
}

/** Opens a page where that goes; where it does not, the address has been printed. It outlives us, as the browser may be what it becomes. */
export function openPage(url: string, { env, stderr }: Pick<CliIo, 'env' | 'stderr'>): boolean {
  const command = browserCommand(url, { env, stderr, platform: process.platform });
  if (command === undefined) return false;
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: 'ignore', detached: true, shell: false, env: { ...env } });
  child.on('error', () => {});
  child.unref();
  return true;
}
