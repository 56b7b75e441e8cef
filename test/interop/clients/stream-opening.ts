/** Tells when a legacy client over HTTP can hear what its server says unasked: an SDK opens that stream after `connect` has resolved. */
export interface StreamOpening {
  fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  /** Resolves once the stream is open, or the server has said that it has none. */
  opened: Promise<void>;
}

export function watchStreamOpening(): StreamOpening {
  let resolveOpened: () => void;
  const opened = new Promise<void>((resolve) => (resolveOpened = resolve));
  return {
    async fetch(url, init) {
      const response = await fetch(url, init);
      if (init?.method === 'GET') resolveOpened();
      return response;
    },
    opened,
  };
}
