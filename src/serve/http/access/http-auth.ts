import type { Identity } from '../../../access/identity.ts';
import type { AuthConfig } from '../../../config/config.ts';

/** What the configuration says of who is served over HTTP, as far as the listener goes. */
export type HttpAuth = Pick<AuthConfig, 'origins' | 'limits'> & Partial<Pick<AuthConfig, 'jwt' | 'tls' | 'url'>>;

/** Who sent a request. */
export interface Visitor {
  /** Absent: anybody may, and nobody can tell who. */
  identity?: Identity | undefined;
  /** Called when all that the request asked for has been answered, or will not be. A second time does nothing. */
  leave(): void;
}
