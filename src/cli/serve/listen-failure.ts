import type { ListenAddress } from '../../config/schema/listen-address.ts';
import { CliFailure, exitCodes } from '../failure.ts';

/** Why an address cannot be listened on, and what to do about it; any other error as it is. */
export function toListenFailure(error: unknown, { host, port }: ListenAddress): unknown {
  // By its name: who serves over stdio does not load what it is a class of.
  if (error instanceof Error && error.name === 'TlsFilesError') {
    const fix = 'write the certificate with its chain and its private key, both PEM, as auth.tls';
    return new CliFailure(error.message, { exitCode: exitCodes.usage, code: 'invalid_configuration', fix });
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const fail = (message: string, fix: string): CliFailure =>
    new CliFailure(message, { exitCode: exitCodes.unexpected, code: 'cannot_listen', fix });
  switch (code) {
    case 'EADDRINUSE':
      return fail(
        `port ${port} of ${host} is in use by another program`,
        'end that program, or write another port; with 0 any free one is taken, and the log says which',
      );
    case 'EACCES':
      return fail(`port ${port} is not for users like this one`, 'write a port from 1024 on');
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return fail(`this machine has no address ${host}`, 'write --http 127.0.0.1:PORT');
    default:
      return error;
  }
}
