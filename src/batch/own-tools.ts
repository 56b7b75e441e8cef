/** The tools of this program itself that every client lists beside those of the servers. */
export const ownToolNames = ['batch_read', 'batch_call', 'batch_await', 'batch_cancel'] as const;

/** What finds tools that a client does not list. */
export const findToolName = 'tools_find';

/** What cannot stand inside a batch. */
export const unbatchedNames: ReadonlySet<string> = new Set([...ownToolNames, findToolName]);
