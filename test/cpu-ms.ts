/**
 * Time of the processor that this process has taken so far, in milliseconds: what work is measured by. On the clock, whatever else the
 * machine does would count too.
 */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
