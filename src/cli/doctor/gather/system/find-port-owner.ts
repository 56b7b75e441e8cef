import { readdir, readFile, readlink } from 'node:fs/promises';

/** A process that listens. */
export interface PortOwner {
  pid: number;
  /** The name of its program. */
  program: string;
}

/** A socket that listens, in the table of the system. */
const listening = '0A';

/**
 * The process that listens at a TCP port, where the system tells us: Linux does of this user's own processes. Rejects, or gives nothing,
 * wherever else.
 */
export async function findPortOwner(port: number): Promise<PortOwner | undefined> {
  if (process.platform !== 'linux') return undefined;
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const inodes = new Set(tables.flatMap((table) => inodesOf(table, port)).map((inode) => `socket:[${inode}]`));
  if (inodes.size === 0) return undefined;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      if (!inodes.has(await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => ''))) continue;
      const program = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a program')).trim();
      return { pid: Number(pid), program };
    }
  }
  return undefined;
}

function inodesOf(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    return local.endsWith(`:${hex}`) && state === listening && inode !== undefined ? [inode] : [];
  });
}
