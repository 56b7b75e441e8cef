import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject } from '../../../core/json.ts';
import { argumentAt, decodeHeaderText, toHeaderText } from '../../../core/protocol/param-headers.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import type { HttpProblem } from '../http-problem.ts';
import { checkedParams } from './checked-params.ts';

/** A request of a modern client, as far as headers have to repeat it. */
export interface MirroredRequest {
  method: string;
  params: JsonObject;
  /** As its envelope names it. */
  revision: string;
}

/**
 * What the headers of a modern request lack, or say otherwise than its body: who routes or judges by headers must not be told another
 * story than we are (MCP 2026-07-28, Streamable HTTP). That headers which are there agree on revision and method was seen before.
 */
export function checkHeaders(
  headers: IncomingHttpHeaders,
  request: MirroredRequest,
  inputSchemaOf: (toolName: string) => JsonObject | undefined,
): HttpProblem | undefined {
  return checkStandardHeaders(headers, request) ?? checkParamHeaders(headers, request, inputSchemaOf);
}

/** Which field of the params the header `Mcp-Name` repeats. */
const nameFields: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

const missing = '(missing)';

function checkStandardHeaders(
  headers: IncomingHttpHeaders,
  { method, params, revision }: MirroredRequest,
): HttpProblem | undefined {
  if (headers['mcp-protocol-version'] === undefined) {
    return mismatch(
      missing,
      `the body envelope names protocol version ${revision} but the required MCP-Protocol-Version header is absent`,
    );
  }
  if (headers['mcp-method'] === undefined) {
    return mismatch(missing, `the body names method ${method} but the required Mcp-Method header is absent`);
  }
  const field = nameFields.get(method);
  if (field === undefined) return undefined;
  const value = params[field];
  const header = headerOf(headers, 'mcp-name');
  if (header === undefined) {
    return typeof value === 'string'
      ? mismatch(missing, `the body carries params.${field}="${value}" but the required Mcp-Name header is absent`)
      : undefined;
  }
  const named = decodeHeaderText(header);
  if (named === undefined) return mismatch(header, 'the Mcp-Name header carries an invalid Base64 sentinel value');
  return typeof value === 'string' && named !== value
    ? mismatch(header, `the body carries params.${field}="${value}" but the Mcp-Name header names "${named}"`)
    : undefined;
}

function checkParamHeaders(
  headers: IncomingHttpHeaders,
  { method, params }: MirroredRequest,
  inputSchemaOf: (toolName: string) => JsonObject | undefined,
): HttpProblem | undefined {
  const tool = params['name'];
  if (method !== 'tools/call' || typeof tool !== 'string') return undefined;
  const schema = inputSchemaOf(tool);
  if (schema === undefined) return undefined;
  for (const { path, name, isNumber } of checkedParams(schema)) {
    const key = `Mcp-Param-${name}`;
    const value = argumentAt(params['arguments'], path);
    const text = toHeaderText(value);
    // What the body does not carry, a header may say or not.
    if (text === undefined) continue;
    const stands = (): string => `the body carries ${path.join('.')}=${JSON.stringify(value)}`;
    const header = headerOf(headers, key.toLowerCase());
    if (header === undefined) return mismatch(key, `${stands()} but the ${key} header is absent`);
    const said = decodeHeaderText(header);
    if (said === undefined) return mismatch(key, `the ${key} header carries an invalid Base64 sentinel value`);
    const isSame = isNumber && typeof value === 'number' && decimal.test(said) ? Number(said) === value : said === text;
    if (!isSame) return mismatch(key, `the ${key} header decodes to ${JSON.stringify(said)} but ${stands()}`);
  }
  return undefined;
}

const decimal = /^-?\d+(\.\d+)?$/;

/** Node has taken away the blanks around a value, and has joined several headers of one name. */
function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Long arguments are not repeated whole. */
const maxChars = 1000;

function mismatch(header: string, body: string): HttpProblem {
  const shown = body.slice(0, maxChars);
  return {
    status: 400,
    code: rpcCode.headerMismatch,
    message: `Bad Request: the request headers and body disagree: ${shown}`,
    data: { mismatch: { header, body: shown } },
  };
}
