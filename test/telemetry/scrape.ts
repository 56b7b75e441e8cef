import parse, { type Family } from 'parse-prometheus-text-format';

/** Metrics as Prometheus gets them. */
export interface Scrape {
  text: string;
  families: Family[];
  /** The sum of a counter's or gauge's samples, or of a histogram's counts, over those that have these labels. Undefined where there are none. */
  count(name: string, labels?: Record<string, string>): number | undefined;
}

export async function scrape(url: string): Promise<Scrape> {
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}`);
  return readScrape(await answer.text());
}

/** Reads the text format, as one of Prometheus's libraries does. */
export function readScrape(text: string): Scrape {
  const families = parse(text);
  return {
    text,
    families,
    count(name, labels = {}) {
      const wanted = Object.entries(labels);
      const has = (given: Record<string, string> = {}): boolean => wanted.every(([key, value]) => given[key] === value);
      const found = families.some((family) => family.name === name && family.type === 'HISTOGRAM')
        ? countsOf(text, name).filter((one) => has(one.labels))
        : families
            .filter((family) => family.name === name)
            .flatMap(({ metrics }) => metrics.filter((one) => has(one.labels)));
      if (found.length === 0) return undefined;
      return found.reduce((sum, { value }) => sum + Number(value), 0);
    },
  };
}

/** The parser puts all of a histogram's samples into one, whatever their labels. */
function countsOf(text: string, name: string): { labels: Record<string, string>; value: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, written = '', value] = new RegExp(`^${name}_count(?:\\{(.*)\\})? (\\S+)$`).exec(line) ?? [];
    if (value === undefined) return [];
    const labels = [...written.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', label = '']) => [key, label] as const);
    return [{ labels: Object.fromEntries(labels), value }];
  });
}
