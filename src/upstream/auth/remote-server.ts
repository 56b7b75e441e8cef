import type { ServerConfig, UpstreamAuth } from '../../config/config.ts';

/** A server behind a URL that we may have to prove to who we are. */
export interface RemoteServer {
  name: string;
  url: string;
  type: 'http' | 'sse';
  /** Sent with every request to it, and with none to anybody else. */
  headers: Readonly<Record<string, string>>;
  auth?: UpstreamAuth;
}

/** Nothing for a server that is a process, and for one whose `Authorization` is configured: that one is sent, and no other beside it. */
export function toRemoteServer({ name, transport, auth }: ServerConfig): RemoteServer | undefined {
  if (transport.type === 'stdio') return undefined;
  if (Object.keys(transport.headers).some((key) => key.toLowerCase() === 'authorization')) return undefined;
  const { url, type, headers } = transport;
  return { name, url, type, headers, ...(auth !== undefined && { auth }) };
}
