import { existsSync, renameSync } from 'node:fs';

/** Renames a damaged file, and what belongs to it, so that a new one can be begun; nothing is deleted. Returns its new path. */
export function setAside(file: string, nowMs: number): string {
  // Colons of the ISO form are not allowed in names on Windows.
  const name = `${file}.corrupt-${new Date(nowMs).toISOString().replaceAll(':', '-')}`;
  let target = name;
  for (let count = 2; existsSync(target); count++) target = `${name}-${count}`;
  // The file last: where one cannot be renamed, it is found damaged again, and the rest has not been left to a new file.
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(`${file}${suffix}`)) renameSync(`${file}${suffix}`, `${target}${suffix}`);
  }
  return target;
}
