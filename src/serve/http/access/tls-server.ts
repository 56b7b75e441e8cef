import { readFile, stat } from 'node:fs/promises';
import { createServer, type Server, type ServerOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../../lib/logger.ts';

/** Why TLS cannot be had with the files that are configured, for the person who has configured them. */
class TlsFilesError extends Error {
  override readonly name = 'TlsFilesError';
}

interface TlsFiles {
  cert: string;
  key: string;
}

/** Certificates are renewed every few weeks or days; nobody waits for it. */
const lookEveryMs = 60_000;
/** A client that does not finish its handshake in this time holds a connection for nothing. */
const handshakeTimeoutMs = 10_000;

/** A server that speaks TLS with a certificate from files, and with the new one when they have been renewed. Throws TlsFilesError. */
export async function createTlsServer(
  files: TlsFiles,
  options: ServerOptions,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<Server> {
  let stamp = await readStamp(files);
  const server = createServer({ ...options, ...(await readTls(files)), handshakeTimeout: handshakeTimeoutMs });

  const look = async (): Promise<void> => {
    const found = await readStamp(files);
    if (found === stamp) return;
    try {
      server.setSecureContext(await readTls(files));
      stamp = found;
      logger.info({}, 'serving with the renewed certificate');
    } catch (error) {
      // Half of the two may be written yet; until both are, the old certificate serves.
      logger.warn({ reason: error instanceof Error ? error.message : '' }, 'the renewed certificate cannot be used');
    }
  };
  let cancel = (): void => {};
  const arm = (): void => {
    cancel = clock.after(lookEveryMs, () => void look().finally(() => server.listening && arm()));
  };
  server.once('listening', arm);
  server.once('close', () => cancel());
  return server;
}

async function readTls({ cert, key }: TlsFiles): Promise<{ cert: Buffer; key: Buffer }> {
  const pair = { cert: await read('cert', cert), key: await read('key', key) };
  try {
    createSecureContext(pair);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'not PEM';
    throw new TlsFilesError(`auth.tls: ${cert} and ${key} are no certificate with its private key (${code})`);
  }
  return pair;
}

function read(name: string, file: string): Promise<Buffer> {
  return readFile(file).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new TlsFilesError(`auth.tls.${name}: ${file} cannot be read (${code})`);
  });
}

async function readStamp(files: TlsFiles): Promise<string> {
  const stamps = [files.cert, files.key].map((file) =>
    stat(file).then(
      ({ ino, size, mtimeMs }) => [ino, size, mtimeMs].join('-'),
      () => '',
    ),
  );
  return (await Promise.all(stamps)).join(' ');
}
