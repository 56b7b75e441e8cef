import type { Attributes } from '@opentelemetry/api';
import type { AskedServer } from '../core/telemetry.ts';

/** What stands for a name that is not of a closed list: anybody can make up such names, and each would be a series of its own. */
export const other = '_OTHER';

/** Methods as they may be told (semantic conventions for MCP, `mcp.method.name`, and those of newer revisions). */
const methods: ReadonlySet<string> = new Set([
  'completion/complete',
  'initialize',
  'logging/setLevel',
  'ping',
  'prompts/get',
  'prompts/list',
  'resources/list',
  'resources/read',
  'resources/subscribe',
  'resources/templates/list',
  'resources/unsubscribe',
  'server/discover',
  'tasks/cancel',
  'tasks/get',
  'tasks/list',
  'tasks/result',
  'tasks/update',
  'tools/call',
  'tools/list',
]);

export function methodName(method: string): string {
  return methods.has(method) ? method : other;
}

/** The longest name that MCP has a tool have (2025-11-25, server features, tools). */
const maxToolChars = 128;

/**
 * A tool's name as it may be told: servers call their tools as they like, a label stands in every line of a histogram, and Prometheus
 * refuses a whole page for one NUL.
 */
export function toolName(tool: string): string {
  return tool.slice(0, maxToolChars).replaceAll(/[\p{Cc}\p{Cs}]/gu, '\ufffd');
}

/** Of a `tools/call`, with the tool where it is known. */
export function toolAttributes(tool: string | undefined): Attributes {
  return { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': tool === undefined ? other : toolName(tool) };
}

/** HTTP counts as `tcp`, stdio as `pipe` (semantic conventions for MCP, recording MCP transport). */
export function networkTransport(transport: AskedServer['transport']): 'pipe' | 'tcp' {
  return transport === 'stdio' ? 'pipe' : 'tcp';
}

/** Host and port alone: paths and queries of servers hold keys. */
export function serverAttributes({ name, transport, url }: AskedServer): Attributes {
  const attributes: Attributes = { 'marshal.server': name, 'network.transport': networkTransport(transport) };
  if (url === undefined || !URL.canParse(url)) return attributes;
  const { hostname, port, protocol } = new URL(url);
  const { [protocol]: usual } = usualPorts;
  return { ...attributes, 'server.address': hostname, 'server.port': port === '' ? (usual ?? 0) : Number(port) };
}

const usualPorts: Record<string, number> = { 'http:': 80, 'https:': 443 };

/** How an operation failed: a class of errors, never a message. */
export interface Failure {
  /** `error.type`: the JSON-RPC code, `tool_error`, or a word of ours. */
  type: string;
  /** The code of the JSON-RPC error that was answered. */
  rpcCode?: number;
}

export function failureAttributes(failure: Failure | undefined): Attributes {
  if (failure === undefined) return {};
  const { type, rpcCode } = failure;
  return { 'error.type': type, ...(rpcCode !== undefined && { 'rpc.response.status_code': String(rpcCode) }) };
}

/** The same for what is counted: codes that servers make up are as many as they like, and each would be a series of its own. */
export function countedFailureAttributes(failure: Failure | undefined): Attributes {
  const { rpcCode } = failure ?? {};
  if (rpcCode === undefined || isReservedCode(rpcCode)) return failureAttributes(failure);
  return { 'error.type': other, 'rpc.response.status_code': other };
}

/** JSON-RPC 2.0 §5.1: what it keeps for itself, and for protocols such as MCP. */
function isReservedCode(code: number): boolean {
  return Number.isInteger(code) && code >= -32_768 && code <= -32_000;
}
