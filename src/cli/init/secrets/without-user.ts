/** An address, and the headers that are sent there. */
interface Reached {
  url: string;
  headers: Readonly<Record<string, string>>;
}

/** A user in an address is not sent on: the header says the same. */
export function withoutUser({ url, headers }: Reached): Reached {
  const [, scheme, user, rest] = /^(https?:\/\/)([^/?#@]*)@(.*)$/s.exec(url) ?? [];
  if (scheme === undefined || user === undefined || rest === undefined || user.includes('${')) return { url, headers };
  const [name = '', password = ''] = user.split(/:(.*)/s);
  const credentials = Buffer.from(`${decode(name)}:${decode(password)}`).toString('base64');
  const hasHeader = Object.keys(headers).some((header) => header.toLowerCase() === 'authorization');
  return { url: scheme + rest, headers: hasHeader ? headers : { ...headers, Authorization: `Basic ${credentials}` } };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
