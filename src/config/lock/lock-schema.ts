import { z } from 'zod';
import { isJsonObject } from '../../core/json.ts';
import { choice, expects, formatVersion, list, mapping, text } from '../schema/fields.ts';

const mend = 'mend it, or remove the file and run mcp-marshal lock';

/** As it is written: 32 bytes of base64. */
const digest = (): z.ZodString => {
  const expected = expects({ noun: 'a digest (sha256-…)', mend });
  return z.string(expected).regex(/^sha256-[A-Za-z0-9+/]{43}=$/, expected);
};
const texts = (): z.ZodArray<z.ZodString> => list(z.string(expects({ noun: 'text', mend })), '[]');

const launchSchema = z.union(
  [
    mapping(
      {
        command: text('a command', mend),
        args: texts(),
        env: texts(),
        cwd: text('a folder', mend).optional(),
      },
      '{ command, args, env }',
    ),
    mapping({ type: choice(['http', 'sse']), url: text('a URL', mend), headers: texts() }, '{ type, url, headers }'),
  ],
  expects({ noun: 'how a server is started or reached', mend }),
);

/** A map, since a record leaves `__proto__` out, which a server may well have a tool of. */
const byName = <T extends z.ZodType>(value: T): z.ZodPreprocess<z.ZodMap<z.ZodString, T>> =>
  z.preprocess(
    (written) => (isJsonObject(written) ? new Map(Object.entries(written)) : written),
    z.map(z.string(), value, expects({ noun: 'a mapping by names', mend })),
  );

/** `marshal.lock` as written. */
export const lockFileSchema = mapping(
  {
    version: formatVersion(),
    servers: byName(
      mapping(
        {
          launch: launchSchema,
          tools: byName(
            mapping(
              { description: digest(), schema: digest(), annotations: digest(), rest: digest().optional() },
              '{ description, schema, annotations }',
            ),
          ),
        },
        '{ launch, tools }',
      ),
    ),
  },
  '{ version: 1, servers: {} }',
);
