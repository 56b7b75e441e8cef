import type { JsonObject } from '../../../src/core/json.ts';
import type { Era, Question } from './interop-client.ts';
import type { Tap } from './tap.ts';

/** A connected client of either SDK, as far as the two differ. */
export interface SdkClient {
  era: Era;
  serverName: string | undefined;
  instructions: string | undefined;
  capabilities: JsonObject;
  tap: Tap;
  /** By the SDK's own method for it, where it has one. */
  request: (method: string, params: JsonObject, options: SdkOptions) => Promise<unknown>;
  /** Any request, with as few checks as the SDK can do. */
  send: (method: string, params: JsonObject, options: SdkOptions) => Promise<unknown>;
  notify: (method: string, params: JsonObject | undefined) => Promise<void>;
  /** `subscriptions/listen`, in the modern era. */
  listen: (filter: ListenFilter) => Promise<() => Promise<void>>;
  close: () => Promise<void>;
}

export interface SdkOptions {
  signal?: AbortSignal;
  timeout: number;
  onprogress?: () => void;
}

export interface ListenFilter {
  toolsListChanged?: boolean;
  promptsListChanged?: boolean;
  resourcesListChanged?: boolean;
  resourceSubscriptions?: string[];
}

export type AnswerQuestion = (question: Question) => Promise<JsonObject>;

export const clientInfo = { name: 'interop-client', version: '3.2.1' };

/** What all clients of the matrix can be asked. */
export const clientCapabilities = {
  elicitation: { form: {}, url: {} },
  sampling: { tools: {} },
  roots: { listChanged: true },
};

/** JSON under another type: what the SDKs declare narrowly is sent here as it is. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the type that is wanted is known to the caller alone
export function copyJson<T>(value: unknown): T {
  const copy: T = JSON.parse(JSON.stringify(value));
  return copy;
}
