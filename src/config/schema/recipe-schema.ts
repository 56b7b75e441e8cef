import { z } from 'zod';
import { recipePrefix } from '../../core/tool.ts';
import { choice, count, duration, expects, list, mapping, text } from './fields.ts';

/** The longest name of a tool that every client and model API accepts. */
const maxNameChars = 64 - recipePrefix.length;

/** A recipe is a tool named `recipe__NAME`. */
const recipeName = z.string().regex(new RegExp(`^(?!constructor$|prototype$)[A-Za-z0-9_-]{1,${maxNameChars}}$`), {
  error: ({ input }) => `${JSON.stringify(input)} cannot name a recipe; ${mendOfName(String(input))}`,
});

/** Fields of a call that `parseBatch` judges, with what editors are to know of them. */
const judgedLater = (description: string, shape: Record<string, unknown>): z.ZodOptional<z.ZodUnknown> =>
  z
    .unknown()
    .optional()
    .meta({ ...shape, description });

const callSchema = mapping(
  {
    tool: text('the name of a tool', 'write one, such as server__tool').describe('The tool: server__tool.'),
    arguments: z
      .record(z.string(), z.unknown(), expects({ noun: 'a mapping', mend: 'write { path: notes.md }' }))
      .optional()
      .describe(
        'Arguments of the tool. Anywhere in them { $param: /NAME } stands for a parameter, types kept, and { $result: ID, path: /… } for a value of an earlier call. A parameter that is not given is what its default says, here ({ $param: /NAME, default: … }) or in the parameters; without one, the key or element that holds it is left out, and in $concat it is empty text.',
      ),
    id: judgedLater('How other calls name it. Default: c0, c1, …', { type: 'string' }),
    dependsOn: judgedLater('Ids of calls to run after; references imply it.', { type: ['array', 'string'] }),
    forEach: judgedLater('{ $result: ID, path: /… }: run once for each element; { $item: "" } is the element.', {
      type: 'object',
    }),
    select: judgedLater('Names and JSON Pointers: the reply shows only these.', {
      type: 'object',
      additionalProperties: { type: 'string' },
    }),
    timeoutMs: judgedLater('Limit of the call in milliseconds; may only shorten.', { type: 'integer', minimum: 1 }),
    maxChars: judgedLater('Characters of its result in the reply, at most.', { type: 'integer', minimum: 1 }),
  },
  '{ tool: server__tool, arguments: { name: value } }',
);

/** One entry of `recipes`, as written. What its calls and parameters say is for others to judge. */
export const recipeSchema = mapping(
  {
    description: text('a description', 'write what the recipe does; models read it').describe(
      'What the recipe does, for the models that choose among tools.',
    ),
    parameters: z
      .record(z.string(), z.unknown(), expects({ noun: 'a JSON Schema', mend: 'write type: object, and properties' }))
      .optional()
      .meta({
        type: 'object',
        properties: { type: { const: 'object' }, properties: { type: 'object' } },
        required: ['type'],
        description:
          'JSON Schema of the arguments, of type object. The defaults of its properties are filled in, and other arguments refused unless additionalProperties allows them. Default: no arguments.',
      }),
    calls: list(callSchema, '[{ tool: server__tool }]', 1).describe('The calls, as in batch_call.'),
    parallel: choice(['prefer', 'avoid', 'none']).optional().describe('avoid: one call at a time.'),
    maxParallel: count(1, 1000).optional().describe('Calls in flight; may only lower what batch says.'),
    onError: choice(['continue', 'stop']).optional().describe('What the calls after a failed one do.'),
    deadline: duration().optional().describe('The reply leaves by then; may only shorten what batch says.'),
    format: choice(['text', 'structured']).optional().describe('The form of the reply.'),
    maxChars: count(1, 1_000_000).optional().describe('Characters of each result in the reply, at most.'),
  },
  'description and calls',
).meta({ title: 'Recipe', description: 'A batch with parameters, listed as the tool recipe__NAME.' });

export const recipesSchema = z.record(
  recipeName,
  recipeSchema,
  expects({ noun: 'a mapping of names to recipes', mend: 'write "NAME:" with description and calls below it' }),
);

function mendOfName(name: string): string {
  if (name === '') return 'write a name';
  if (name.length > maxNameChars) return `it has ${name.length} characters; write at most ${maxNameChars}`;
  if (name === 'constructor' || name === 'prototype') return 'choose another name';
  return 'write letters, digits, "-" and "_" only';
}
