import { access, constants } from 'node:fs/promises';

type Environment = Readonly<Record<string, string | undefined>>;

const names = ['', 'TRACES_', 'METRICS_'].flatMap((signal) =>
  ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'].map((file) => `OTEL_EXPORTER_OTLP_${signal}${file}`),
);

/** A warning for each certificate or key that an exporter would have, and cannot read: it goes on without it, and says so to nobody. */
export async function unreadableFiles(env: Environment): Promise<string[]> {
  const warnings = names.map(async (name) => {
    const path = env[name] ?? '';
    if (path.trim() === '') return [];
    try {
      await access(path, constants.R_OK);
      return [];
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return [`${name} names a file that cannot be read (${reason}); collectors are spoken to without it`];
    }
  });
  return (await Promise.all(warnings)).flat();
}
