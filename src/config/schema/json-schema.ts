import { z } from 'zod';
import { configSchema } from './config-schema.ts';
import { policySchema } from './policy-schema.ts';

/** JSON Schema (draft 2020-12) of a configuration file, for editors; generated from what the program accepts. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { target: 'draft-2020-12', io: 'input' });
}

/** JSON Schema (draft 2020-12) of a policy file, for editors; generated from what the program accepts. */
export function policyJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(policySchema, { target: 'draft-2020-12', io: 'input' });
}
