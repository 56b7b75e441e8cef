/** Package runners, each with the words that stand before the package. */
export type Runners = Readonly<Record<string, readonly (readonly string[])[]>>;
export const npmRunners: Runners = {
  npx: [[]],
  bunx: [[]],
  pnpx: [[]],
  pnpm: [['dlx'], ['exec']],
  yarn: [['dlx']],
  npm: [['exec'], ['x']],
  bun: [['x']],
};
export const pypiRunners: Runners = {
  uvx: [[]],
  uv: [['tool', 'run'], ['run'], ['x']],
  pipx: [['run']],
};

/** Options of the runners whose next word is their value; all others stand alone, or hold theirs behind `=`. */
export const npmValues = [
  '-p',
  '--package',
  '-c',
  '--call',
  '--registry',
  '--prefix',
  '-w',
  '--workspace',
  '--cache',
  '--userconfig',
  '-C',
  '--dir',
];
export const pypiValues = [
  '--from',
  '--spec',
  '--with',
  '-p',
  '--python',
  '--index',
  '--index-url',
  '-i',
  '--extra-index-url',
  '--default-index',
  '--directory',
  '--project',
  '--env-file',
  '--cache-dir',
  '--with-editable',
  '--with-requirements',
  '--extra',
  '--group',
];
export const nodeValues = [
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '-C',
  '--conditions',
  '--env-file',
  '--title',
];
export const denoValues = [
  '-c',
  '--config',
  '--import-map',
  '--env-file',
  '--lock',
  '--cert',
  '--location',
  '--seed',
  '--ext',
];
export const pythonValues = ['-m', '-c', '-W', '-X'];
/** Of `mcp-remote`. */
export const bridgeValues = [
  '--header',
  '--transport',
  '--host',
  '--resource',
  '--ignore-tool',
  '--auth-timeout',
  '--static-oauth-client-metadata',
  '--static-oauth-client-info',
];
/** Of `docker run` most options have a value; these have none. */
export const dockerFlags = [
  '--rm',
  '--init',
  '--privileged',
  '--read-only',
  '--interactive',
  '--tty',
  '--detach',
  '--publish-all',
  '--no-healthcheck',
  '--oom-kill-disable',
  '--quiet',
  '--sig-proxy',
  '--disable-content-trust',
];
