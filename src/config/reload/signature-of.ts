import { stat } from 'node:fs/promises';

/** What changes whenever a file does: be it written, replaced, removed, or its permissions. Links are followed. Never rejects. */
export async function signatureOf(path: string): Promise<string> {
  try {
    // Two writes in the same millisecond are told apart.
    const { dev, ino, size, mode, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mode, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  }
}
