import { getDefaultEnvironment } from '@modelcontextprotocol/client/stdio';
import { markVariable } from '../processes/run-mark.ts';

/**
 * Set in every process we start, so that a copy of this program that such a process starts can tell, and refuse to serve.
 */
const recursionMarker = 'MCP_MARSHAL_DEPTH';

/** Beside what the SDK passes on (PATH, HOME and the like): language, scratch space, certificates and the way out through a proxy. */
const inherited = [
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
];

/** What a child sees of the environment: the harmless part of ours, what the configuration names, which wins, and its mark. */
export function buildChildEnvironment(
  configured: Readonly<Record<string, string>>,
  mark: string,
): Record<string, string> {
  const environment = getDefaultEnvironment();
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...configured, [recursionMarker]: '1', [markVariable]: mark };
}
