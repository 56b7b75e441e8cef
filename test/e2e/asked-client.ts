import { Client as ClientV2, StreamableHTTPClientTransport as HttpTransportV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as ChildTransportV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as ChildTransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpTransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { copyJson } from '../interop/clients/sdk-client.ts';
import { until } from '../upstream/support.ts';
import { serveLaunch, startProxy, type ClientKind, type Workspace } from './support.ts';

/** Answers one question of a server; a promise that never resolves is a person who went for lunch. */
export type Person = (question: { message: string; requestedSchema: JsonObject }) => JsonObject | Promise<JsonObject>;

/** A real SDK client with a person in front of it. */
export interface AskedClient {
  /** The messages of all questions so far. */
  asked: string[];
  /** Who answers from now on. */
  seat: (person: Person) => void;
  call: (name: string, args?: JsonObject) => Promise<JsonObject>;
}

/** What the client can do: `nobody` has declared that it can be asked, and answers −32601. */
export type Ability = 'asks' | 'nobody' | 'none';

const clientInfo = { name: 'asked', version: '1.0.0' };

/** Where a proxy serves: its configuration for a client that starts it, or a URL. */
export type Target = { config: string } | { url: string };

export async function connectAsked(
  workspace: Workspace,
  kind: ClientKind,
  { target, ability = 'asks' }: { target: Target; ability?: Ability },
): Promise<AskedClient> {
  const asked: string[] = [];
  let person: Person = () => ({ action: 'cancel' });
  const capabilities = ability === 'none' ? {} : { elicitation: {} };
  const answer = async <T>({ params }: { params?: object | undefined }): Promise<T> => {
    const { message = '', requestedSchema = {} }: { message?: string; requestedSchema?: JsonObject } = copyJson(
      params ?? {},
    );
    asked.push(message);
    return copyJson(await person({ message, requestedSchema }));
  };
  const { call, close } = await (kind === 'version 1' ? connectV1() : connectV2());
  workspace.closeLater(close);
  return { asked, seat: (next) => void (person = next), call };

  async function connectV1(): Promise<Connected> {
    const client = new ClientV1(clientInfo, { capabilities });
    if (ability === 'asks') client.setRequestHandler(ElicitRequestSchema, answer);
    const transport =
      'url' in target
        ? new HttpTransportV1(new URL(target.url))
        : new ChildTransportV1({ ...serveLaunch(target.config), stderr: 'ignore' });
    await client.connect(transport);
    return {
      call: async (name, args = {}) => copyJson(await client.callTool({ name, arguments: args })),
      close: () => client.close(),
    };
  }

  async function connectV2(): Promise<Connected> {
    const client = new ClientV2(clientInfo, {
      capabilities,
      versionNegotiation: { mode: kind === 'version 2 modern' ? { pin: '2026-07-28' } : 'legacy' },
    });
    if (ability === 'asks') client.setRequestHandler('elicitation/create', answer);
    const transport =
      'url' in target
        ? new HttpTransportV2(new URL(target.url))
        : new AskingInPlace({ ...serveLaunch(target.config), stderr: 'ignore' });
    await client.connect(transport);
    return {
      call: async (name, args = {}) => copyJson(await client.callTool({ name, arguments: args })),
      close: () => client.close(),
    };
  }
}

interface Connected {
  call: AskedClient['call'];
  close: () => Promise<void>;
}

/** The SDK would start the program a second time to ask for its era, which it does not do for subclasses. */
class AskingInPlace extends ChildTransportV2 {}

/** Starts the proxy over HTTP and returns where it listens. */
export async function listen(workspace: Workspace, config: string): Promise<string> {
  const proxy = startProxy(workspace, { args: ['serve', '--config', config, '--http', '0', '--no-auth', '--watch'] });
  const find = (): string | undefined => /"url":"([^"]+)","msg":"listening"/.exec(proxy.stderr())?.[1];
  workspace.closeLater(() => proxy.signal('SIGTERM'));
  await until(() => find() !== undefined, 10_000);
  return find()!;
}

/** Does what a person at another terminal does: `approvals`, with these words. */
export async function atTerminal(
  workspace: Workspace,
  config: string,
  words: readonly string[] = [],
): Promise<{ code: number | null; stdout: string }> {
  const command = startProxy(workspace, { args: ['approvals', ...words, '--config', config] });
  command.endInput();
  const { code } = await command.exited;
  return { code, stdout: command.stdout() };
}

/** The id under which a reply says that its question waits. */
export function queueIdIn(reply: JsonObject | string): string {
  const text = typeof reply === 'string' ? reply : JSON.stringify(reply);
  const id = /mcp-marshal approvals allow ([0-9a-f]+)/.exec(text)?.[1];
  if (id === undefined) throw new Error(`nothing waits in the queue: ${text}`);
  return id;
}

/** The fields of the form of a question. */
export function fieldsOf({ requestedSchema }: { requestedSchema: JsonObject }): string[] {
  const { properties } = requestedSchema;
  return isJsonObject(properties) ? Object.keys(properties) : [];
}
