// `npm run lock`: run it after a change of dependencies. A registry mirror that carries the binaries of some platforms only makes
// npm leave the others out of the lock file, and `npm ci` then refuses the file on every platform. This puts them back, by name,
// version and platform, as npm itself writes them.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const { packages } = lock;
const platform =
  /(android|darwin|freebsd|linux|openbsd|openharmony|win32)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x|loong64)(?:-(gnu|musl))?/;

for (const { dev, optionalDependencies = {} } of Object.values(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const path = `node_modules/${name}`;
    const found = platform.exec(name);
    if (path in packages || found === null || !/^\d+\.\d+\.\d+/.test(version)) continue;
    const [, os, cpu, abi] = found;
    packages[path] = {
      version,
      cpu: [cpu],
      ...(dev && { dev }),
      ...(os === 'linux' && abi !== undefined && { libc: [abi === 'musl' ? 'musl' : 'glibc'] }),
      optional: true,
      os: [os],
    };
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
