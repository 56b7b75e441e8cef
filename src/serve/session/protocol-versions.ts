import { LATEST_PROTOCOL_VERSION, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';

/** Revisions of the modern era that we speak: without a handshake, every request says what it needs. */
export const modernVersions: readonly string[] = ['2026-07-28'];

/** The revision that a legacy session is spoken in: the client's own where we know it, else our newest, which it may refuse. */
export function negotiate(requested: unknown): string {
  return SUPPORTED_PROTOCOL_VERSIONS.find((version) => version === requested) ?? LATEST_PROTOCOL_VERSION;
}
