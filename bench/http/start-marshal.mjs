import { packageFile } from '../servers.mjs';
import { startListener } from './start-listener.mjs';

/** Serves a configuration over HTTP, as anybody would who tries it on his own machine. */
export function startMarshal(config) {
  return startListener((port) => ({
    command: process.execPath,
    args: [packageFile('dist/main.js'), 'serve', '--http', `127.0.0.1:${port}`, '--no-auth', '--config', config],
  }));
}
