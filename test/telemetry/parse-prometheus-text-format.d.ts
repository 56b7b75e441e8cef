declare module 'parse-prometheus-text-format' {
  /** Of a counter or a gauge `value`; of a histogram `buckets` by their upper bounds, `count` and `sum`. */
  interface Sample {
    labels?: Record<string, string>;
    value?: string;
    buckets?: Record<string, string>;
    count?: string;
    sum?: string;
  }
  export interface Family {
    name: string;
    help: string;
    type: string;
    metrics: Sample[];
  }
  export default function parse(text: string): Family[];
}
