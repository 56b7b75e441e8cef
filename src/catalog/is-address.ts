/** What may stand between a server's name and that of its tool. */
export const addressMarks = ['__', '/', '.', ':'] as const;

/** Whether a name reads as the address of a tool of this server, whether or not the server has such a tool. */
export function isAddress(name: string, server: string): boolean {
  return addressMarks.some((mark) => name.startsWith(server + mark));
}
