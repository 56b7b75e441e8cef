/** One of the lists that the servers have and a client sees merged. */
export interface ListKind {
  method: string;
  /** Where the entries stand in the result. */
  field: string;
  /** What an entry is found by: without it, nobody could ask for it. */
  key: string;
  /** Servers that declare it have such a list. */
  capability: string;
}

export const listKinds = {
  resources: { method: 'resources/list', field: 'resources', key: 'uri', capability: 'resources' },
  templates: {
    method: 'resources/templates/list',
    field: 'resourceTemplates',
    key: 'uriTemplate',
    capability: 'resources',
  },
  prompts: { method: 'prompts/list', field: 'prompts', key: 'name', capability: 'prompts' },
  tasks: { method: 'tasks/list', field: 'tasks', key: 'taskId', capability: 'tasks' },
} as const satisfies Record<string, ListKind>;
