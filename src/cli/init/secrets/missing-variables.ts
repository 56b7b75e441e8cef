import type { ServerEntry } from '../../../clients/client.ts';
import type { MissingVariable } from './render-env-file.ts';

/** The variables that a launch cannot do without and that `has` does not have, each once, with what its client says of it. */
export function missingVariables(
  { launch, inputs }: Pick<ServerEntry, 'launch' | 'inputs'>,
  has: (variable: string) => boolean,
): MissingVariable[] {
  const names = textsOfLaunch(launch).flatMap((text) =>
    [...text.matchAll(/(?<!\$)\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)\}/g)].map(([, name = '']) => name),
  );
  return [...new Set(names)]
    .filter((variable) => !has(variable))
    .map((variable) => ({ variable, meaning: inputs.find((input) => input.variable === variable)?.meaning ?? '' }));
}

/** All texts of a launch in which there may be variables. */
export function textsOfLaunch(launch: ServerEntry['launch']): string[] {
  return 'url' in launch
    ? [launch.url, ...Object.values(launch.headers)]
    : [launch.command, launch.cwd ?? '', ...launch.args, ...Object.values(launch.env)];
}

/** Those of several servers, each once. */
export function uniqueVariables(missing: readonly MissingVariable[]): MissingVariable[] {
  return [...new Map(missing.map((one) => [one.variable, one])).values()];
}
