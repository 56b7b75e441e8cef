/** The tools of this program itself: what a client lists beside those of the servers, and what cannot stand inside a batch. */
export const ownToolNames = ['batch_read', 'batch_call', 'batch_await', 'batch_cancel'] as const;
