export const toolsChanged = 'notifications/tools/list_changed';

/** Notifications by which a server says that what it has answered before may not hold any more. */
export const staleSigns: ReadonlySet<string> = new Set([
  toolsChanged,
  'notifications/resources/updated',
  'notifications/resources/list_changed',
  'notifications/prompts/list_changed',
]);
