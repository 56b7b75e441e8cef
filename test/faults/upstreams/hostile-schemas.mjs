// Tools whose schemas harm whoever compiles or uses them without care.
import { text, tool } from './tools.mjs';

const answer = { run: (args, wire) => wire.answer(text(args.nonce ?? 'called')) };
const reads = { readOnlyHint: true };
const withValue = (value) => ({ type: 'object', properties: { nonce: { type: 'string' }, value } });

/** Every level doubles what a naive compiler or checker walks. */
function doubling(levels) {
  const $defs = { l0: { type: 'string' } };
  for (let i = 1; i <= levels; i += 1) {
    const below = { $ref: `#/$defs/l${i - 1}` };
    $defs[`l${i}`] = { anyOf: [{ allOf: [below, { minLength: 1 }] }, { allOf: [below, { minLength: 2 }] }] };
  }
  return { $defs, type: 'object', properties: { value: { $ref: `#/$defs/l${levels}` }, nonce: { type: 'string' } } };
}

const deep = (levels) => {
  let schema = { type: 'string' };
  for (let i = 0; i < levels; i += 1) schema = { type: 'object', properties: { a: schema } };
  return schema;
};

export function hostileTools(schemaOrigin) {
  const schemas = {
    backtracking: withValue({ type: 'string', pattern: '^(a+)+$' }),
    backtracking_alternatives: withValue({ type: 'string', pattern: '^(a|a?)+$' }),
    remote_ref: { ...withValue({ $ref: `${schemaOrigin}/value.json` }), $id: `${schemaOrigin}/tool.json` },
    remote_meta: { $schema: `${schemaOrigin}/meta.json`, ...withValue({ type: 'string' }) },
    broken_pattern: withValue({ type: 'string', pattern: '([' }),
    doubling: doubling(24),
    deep: withValue(deep(2_000)),
    recursive: { $ref: '#' },
  };
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, { listed: tool(name, reads, schema), ...answer }]),
  );
}
