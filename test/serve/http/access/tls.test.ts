import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startListener } from '../support.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures/tls');
let folder: string;
const files = (): { cert: string; key: string } => ({ cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tls-'));
  write('');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Puts a pair of the fixtures in place: the first one, or the renewed. */
function write(kind: '' | 'renewed-'): void {
  for (const name of ['cert', 'key']) copyFileSync(join(fixtures, `${kind}${name}.pem`), join(folder, `${name}.pem`));
}

const auth = (): { origins: []; limits: { maxParallel: number }; tls: { cert: string; key: string } } => ({
  origins: [],
  limits: { maxParallel: 64 },
  tls: files(),
});

function ask(port: number): Promise<{ status: number | undefined; certificate: PeerCertificate }> {
  const ca = ['cert.pem', 'renewed-cert.pem'].map((name) => readFileSync(join(fixtures, name)));
  return new Promise((resolve, reject) => {
    const sent = request({ host: 'localhost', port, path: '/healthz', ca, agent: false }, (response) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what https speaks over
      const certificate = (response.socket as TLSSocket).getPeerCertificate();
      response.resume().once('end', () => resolve({ status: response.statusCode, certificate }));
    });
    sent.once('error', reject).end();
  });
}

test('clients are served over TLS with the configured certificate, and with the new one when it was renewed; half of a new one changes nothing', async () => {
  const stub = await startListener({ auth: auth() });
  expect(stub.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/mcp$/);
  const first = await ask(stub.port);
  expect(first.status).toBe(200);
  copyFileSync(join(fixtures, 'renewed-cert.pem'), files().cert);
  await stub.clock.pass(60_000);
  await expect.poll(() => stub.logs.map(({ message }) => message)).toContain('the renewed certificate cannot be used');
  expect((await ask(stub.port)).certificate.serialNumber).toBe(first.certificate.serialNumber);
  write('renewed-');
  await stub.clock.pass(60_000);
  await expect
    .poll(async () => (await ask(stub.port)).certificate.serialNumber)
    .not.toBe(first.certificate.serialNumber);
  await stub.close();
});

test('limits on connections hold over TLS as they do without', async () => {
  const stub = await startListener({ auth: auth(), limits: { maxConnections: 0 } });
  expect((await ask(stub.port)).status).toBe(503);
  await stub.close();
});

test.each([
  ['is missing', (): void => rmSync(files().key), /auth\.tls\.key: .*key\.pem cannot be read \(ENOENT\)/],
  ['is no PEM', (): void => writeFileSync(files().cert, 'x'), /are no certificate with its private key/],
  [
    'belongs to another',
    (): void => copyFileSync(join(fixtures, 'renewed-key.pem'), files().key),
    /are no certificate/,
  ],
])('a file that %s is an error that names it, and nothing listens', async (_what, spoil, message) => {
  spoil();
  await expect(startListener({ auth: auth() })).rejects.toThrow(message);
});
