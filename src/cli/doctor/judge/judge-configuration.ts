import type { Config } from '../../../config/config.ts';
import type { Problem } from '../../../core/place.ts';
import { toFinding } from '../finding.ts';
import type { Finding } from '../finding.ts';

/** A configuration, or what is wrong with it. */
export type FoundConfig =
  | { config: Config; problems?: undefined; warnings?: undefined }
  | { config?: undefined; problems: readonly Problem[]; warnings: readonly Problem[] };

const again = 'mend it, and run mcp-marshal doctor again';

/** What is wrong with the configuration and the files that it names. */
export function judgeConfiguration({
  config,
  problems = [],
  warnings = config?.warnings ?? [],
}: FoundConfig): Finding[] {
  return [
    ...problems.map((problem) => {
      const { code, fix } = kindOf(problem);
      return {
        ...toFinding(problem, { level: 'problem', code, about: 'configuration', fix: again }),
        ...(fix && { fix }),
      };
    }),
    ...warnings.map((warning) =>
      toFinding(warning, {
        level: 'warning',
        code: 'configuration-odd',
        about: 'configuration',
        fix: 'correct it, or take it out',
      }),
    ),
  ];
}

/** Recipes that cannot run, now that the tools of their calls are known. */
export function judgeRecipes(warnings: readonly Problem[]): Finding[] {
  return warnings.map((warning) =>
    toFinding(warning, {
      level: 'warning',
      code: 'recipe-broken',
      about: 'configuration',
      fix: 'correct the call, or take the recipe out',
    }),
  );
}

/** What kind of problem it is, and its mend where the message has none that can be typed. */
function kindOf({ message, place }: Problem): { code: string; fix?: string } {
  if (message.startsWith('no configuration was found')) {
    return { code: 'no-configuration', fix: 'write one with mcp-marshal init, or name yours with --config FILE' };
  }
  const [, variable] = /the variable (\w+) is not set/.exec(message) ?? [];
  if (variable !== undefined) {
    return {
      code: 'missing-variable',
      fix: `write ${variable}=… into a file .env beside the configuration and envFile: .env into it, or set ${variable} where mcp-marshal is started`,
    };
  }
  if (place?.file.endsWith('.lock') === true) {
    return { code: 'lock-broken', fix: `restore ${place.file}, or remove it and write it anew with mcp-marshal lock` };
  }
  return { code: 'configuration-invalid' };
}
