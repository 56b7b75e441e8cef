// Who is connected, for what a server says unasked.

// Each: { subscriptions: Set of URIs, or undefined where the transport filters by itself; send(method, params) }
const connections = new Set();

export function join(connection) {
  connections.add(connection);
  return () => connections.delete(connection);
}

export async function announce(method, params) {
  await Promise.all([...connections].map(({ send }) => send(method, params)));
}

export async function announceUpdate(uri) {
  const listening = [...connections].filter(({ subscriptions }) => subscriptions?.has(uri) ?? true);
  await Promise.all(listening.map(({ send }) => send('notifications/resources/updated', { uri })));
}
