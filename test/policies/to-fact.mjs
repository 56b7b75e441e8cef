/** Long enough to tell tools apart and to find them by; of an argument's description less is enough. */
const maxChars = 400;
const maxSchemaChars = 160;
/** Of objects within each other: an argument, and what it holds. Deeper, some schemas repeat a whole data model. */
const maxDepth = 5;

/** What is kept of a tool as its server lists it. */
export function toFact({ name, title, description = '', inputSchema, annotations = {} }) {
  return {
    name,
    ...(title !== undefined && { title }),
    description: cut(description, maxChars),
    inputSchema: shortened(inputSchema, 0),
    annotations,
  };
}

/** Descriptions inside a schema cut, examples and all that lies deep left out. */
function shortened(schema, depth) {
  if (Array.isArray(schema)) return schema.map((value) => shortened(value, depth));
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key, value]) => {
    if (key === 'examples' && Array.isArray(value)) return false;
    if (key === '$schema' && typeof value === 'string') return false;
    return depth < maxDepth || typeof value !== 'object';
  });
  return Object.fromEntries(
    kept.map(([key, value]) => [
      key,
      key === 'description' && typeof value === 'string' ? cut(value, maxSchemaChars) : shortened(value, depth + 1),
    ]),
  );
}

function cut(text, chars) {
  return text.length > chars ? `${text.slice(0, chars - 1)}…` : text;
}
