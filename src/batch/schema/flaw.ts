/** One way in which a value is not what a JSON Schema says. */
export interface Flaw {
  /** JSON Pointer to the value. */
  instancePath: string;
  /** The keyword of the schema that says so. */
  keyword: string;
  /** What of the keyword a message may need: `missingProperty`, `allowedValues`, `type`. */
  params: Readonly<Record<string, unknown>>;
  /** To be read behind the place: `must be string`. */
  message: string;
}
