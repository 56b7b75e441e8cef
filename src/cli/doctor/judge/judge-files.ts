import { quoteWord } from '../../terminal/quote-word.ts';
import type { ClearSecret } from '../written/find-clear-secrets.ts';
import type { SeenFile } from '../gather/look-at-files.ts';
import type { Finding } from '../finding.ts';

/** Whether somebody else could read what is secret, or change what is started. */
export function judgeFiles(files: readonly SeenFile[]): Finding[] {
  return files.flatMap(({ path, kind, othersRead, othersWrite }): Finding[] => {
    if (kind === 'secrets' && (othersRead || othersWrite)) {
      const message = `${path} holds secrets, and other users of this machine can ${othersRead ? 'read' : 'write'} it`;
      return [
        { level: 'warning', code: 'secrets-readable', about: 'secrets', message, fix: `chmod 600 ${quoteWord(path)}` },
      ];
    }
    if (!othersWrite) return [];
    const what = kind === 'policy' ? 'what may be called' : kind === 'lock' ? 'what was accepted' : 'what is started';
    const message = `${path} says ${what}, and other users of this machine can write it`;
    return [
      {
        level: 'warning',
        code: 'file-writable',
        about: 'configuration',
        message,
        fix: `chmod go-w ${quoteWord(path)}`,
      },
    ];
  });
}

/** Secrets that stand in the configuration itself: it is shared, committed and backed up more easily than a file that holds nothing else. */
export function judgeSecrets(secrets: readonly ClearSecret[]): Finding[] {
  return secrets.map(({ server, key, variable, place }): Finding => {
    const message = `servers.${server}.${key} looks like a secret that stands in the configuration in clear`;
    const fix = `write \${${variable}} in its place, ${variable}=… into a file .env beside it (chmod 600), and envFile: .env at the top`;
    return { level: 'warning', code: 'secret-in-clear', about: 'secrets', server, place, message, fix };
  });
}
