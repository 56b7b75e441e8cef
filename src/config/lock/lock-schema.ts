import { z } from 'zod';
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

const byName = <T extends z.ZodType>(value: T): z.ZodRecord<z.ZodString, T> =>
  z.record(z.string(), value, expects({ noun: 'a mapping by names', mend }));

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
              { description: digest(), schema: digest(), annotations: digest() },
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
