import { configJsonSchema, policyJsonSchema } from '../../config/schema/json-schema.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../failure.ts';
import { print, printJson } from '../output.ts';

/** Prints the JSON Schema of configuration or policy files, or of both. */
export function schema(context: CliContext, which: 'config' | 'policy' | undefined): number {
  const schemas = { config: configJsonSchema, policy: policyJsonSchema };
  const shown = which === undefined ? { config: schemas.config(), policy: schemas.policy() } : schemas[which]();
  if (context.json) printJson(context, shown);
  else print(context, [JSON.stringify(shown, null, 2)]);
  return exitCodes.ok;
}
