import type { JsonObject } from '../../../src/core/json.ts';

export type Era = 'legacy' | 'modern';

/** SDK version 1; version 2 as it opens by default; version 2 that speaks nothing older than 2026-07-28. */
export const clientKinds = ['version 1', 'version 2 legacy', 'version 2 modern'] as const;
export type ClientKind = (typeof clientKinds)[number];

/** What a client connects to: a program that it starts, or an endpoint. */
export type Target =
  | { transport: 'stdio'; command: string; args: readonly string[]; env: Record<string, string> }
  | { transport: 'http' | 'sse'; url: string };

/** Something that a server wants to know of its client, as it came over the wire. */
export interface Question {
  method: string;
  params: JsonObject;
}

export interface SendOptions {
  signal?: AbortSignal;
  /** Added to the request's parameters. */
  meta?: JsonObject;
  /** Called for each progress notification as it came over the wire; the SDKs lose what comes in one read with the answer. */
  onProgress?: (params: JsonObject) => void;
}

/** A response as it came over the wire. */
export type Answer = { result: JsonObject } | { error: JsonObject };

/** A real SDK client of any kind, under one form. Results, errors and notifications are what came over the wire. */
export interface InteropClient {
  era: Era;
  serverName: string | undefined;
  instructions: string | undefined;
  /** Of the server. */
  capabilities: JsonObject;
  /** A request by the SDK's own method for it, with its checks; rejects where the SDK does. */
  request: (method: string, params?: JsonObject, options?: SendOptions) => Promise<JsonObject>;
  /** A request without the SDK's opinion on the answer; rejects only if none comes. */
  send: (method: string, params?: JsonObject, options?: SendOptions) => Promise<Answer>;
  /** `request` for `tools/call`. */
  callTool: (name: string, args?: JsonObject, options?: SendOptions) => Promise<JsonObject>;
  notify: (method: string, params?: JsonObject) => Promise<void>;
  /** Wants log messages of this level and above from now on, in whichever way the era has; `undefined` is a modern client's default. */
  setLevel: (level: string | undefined) => Promise<void>;
  /** Wants to hear when one of these changes; resolves with what ends that. */
  watch: (uris: readonly string[]) => Promise<() => Promise<void>>;
  /** Wants to hear when tools, prompts or resources change, which a legacy client always does; resolves with what ends that. */
  watchLists: () => Promise<() => Promise<void>>;
  /** The parameters of all notifications of this method so far. */
  heard: (method: string) => JsonObject[];
  /** All that the server has asked so far, in the order in which it arrived. */
  asked: () => Question[];
  /** Who answers from now on. Nobody, at first: then a question fails, and so does the call that it belongs to. */
  answerWith: (answer: (question: Question) => JsonObject | Promise<JsonObject>) => void;
  close: () => Promise<void>;
}
