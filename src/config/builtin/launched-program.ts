import type { Launch } from '../config.ts';
import { containerImage, npmPackage, pypiPackage, requirementName } from './package-names.ts';
import {
  bridgeValues,
  denoValues,
  dockerFlags,
  nodeValues,
  npmRunners,
  npmValues,
  pypiRunners,
  pypiValues,
  pythonValues,
} from './runners.ts';
import type { Runners } from './runners.ts';
import { firstOperand } from './operands.ts';

/** What a launch starts or reaches, by the name under which it is published. */
export interface LaunchedProgram {
  from: 'npm' | 'pypi' | 'image' | 'url';
  name: string;
}

/**
 * What a launch starts or reaches, or nothing where that does not follow from its words. A bridge to a remote server (`mcp-remote URL`)
 * counts as what it reaches. Nothing is looked up: a program of the same name from elsewhere counts as the published one.
 */
export function launchedProgram(launch: Launch): LaunchedProgram | undefined {
  if (!('command' in launch)) return { from: 'url', name: launch.url };
  const { command, args } = unwrapped(launch);
  const program = programName(command);
  return (
    fromNpmRunner(program, args) ??
    fromPypiRunner(program, args) ??
    fromContainer(program, args) ??
    fromInterpreter(program, args) ??
    fromPath(command)
  );
}

/** Without what only starts another program: `cmd /c npx …`, `env NAME=value npx …`. */
function unwrapped({ command, args }: { command: string; args: readonly string[] }): {
  command: string;
  args: readonly string[];
} {
  const program = programName(command);
  const skipped =
    program === 'cmd'
      ? args.findIndex((arg) => !/^\/[a-z]$/i.test(arg))
      : program === 'env'
        ? args.findIndex((arg) => !/^(?:-\w+|\w+=.*)$/.test(arg))
        : -1;
  const [next, ...rest] = skipped < 0 ? [] : args.slice(skipped);
  return next === undefined ? { command, args } : { command: next, args: rest };
}

function programName(command: string): string {
  const base = command.split(/[\\/]/).at(-1) ?? '';
  return base.replace(/\.(?:exe|cmd|ps1|bat)$/i, '').toLowerCase();
}

function fromNpmRunner(program: string, args: readonly string[]): LaunchedProgram | undefined {
  const rest = afterWords(beginningsOf(npmRunners, program), args);
  if (rest === undefined) return undefined;
  const { operand, after, options } = firstOperand(rest, { values: npmValues });
  const name = npmPackage(options.get('--package') ?? options.get('-p') ?? operand);
  if (name === 'mcp-remote') return fromBridge(after);
  return name === undefined ? undefined : { from: 'npm', name };
}

function fromPypiRunner(program: string, args: readonly string[]): LaunchedProgram | undefined {
  // Options may stand before the words of `uv`: `uv --directory FOLDER run NAME`.
  const { operand: word, after } = firstOperand(args, { values: pypiValues });
  const rest = program === 'uv' && word !== undefined ? [word, ...after] : args;
  const found = afterWords(beginningsOf(pypiRunners, program), rest);
  if (found === undefined) return undefined;
  const { operand, after: behind, options } = firstOperand(found, { values: pypiValues });
  const source = options.get('--from') ?? options.get('--spec');
  if (source === undefined && /^python\d*(?:\.\d+)?$/.test(operand ?? '')) return fromInterpreter('python', behind);
  const name = requirementName(source ?? operand);
  return name === undefined ? undefined : { from: 'pypi', name };
}

function fromContainer(program: string, args: readonly string[]): LaunchedProgram | undefined {
  if (!['docker', 'podman', 'nerdctl'].includes(program)) return undefined;
  const rest = afterWords([['run'], ['container', 'run']], args);
  if (rest === undefined) return undefined;
  const { operand } = firstOperand(rest, { flags: dockerFlags });
  const name = containerImage(operand);
  return name === undefined ? undefined : { from: 'image', name };
}

function fromInterpreter(program: string, args: readonly string[]): LaunchedProgram | undefined {
  if (program === 'node' || program === 'bun') {
    const { operand } = firstOperand(args[0] === 'run' ? args.slice(1) : args, { values: nodeValues });
    return operand === undefined ? undefined : fromPath(operand);
  }
  if (program === 'deno') {
    const { operand } = firstOperand(args[0] === 'run' ? args.slice(1) : args, { values: denoValues });
    const name = operand?.startsWith('npm:') ? npmPackage(operand.slice('npm:'.length).replace(/^\//, '')) : undefined;
    return name === undefined ? undefined : { from: 'npm', name };
  }
  if (/^(?:python\d*(?:\.\d+)?|py)$/.test(program)) {
    // Behind a program of its own, or behind code, `-m` is an argument of that.
    const { options } = firstOperand(args, { values: pythonValues });
    const name = options.has('-c') ? undefined : requirementName(options.get('-m')?.split('.')[0]);
    return name === undefined ? undefined : { from: 'pypi', name };
  }
  return undefined;
}

/** A program file: of an installed package of npm, or one that pip has named for its package. */
function fromPath(path: string): LaunchedProgram | undefined {
  const words = path.split(/[\\/]/);
  const folder = words.lastIndexOf('node_modules');
  if (folder >= 0 && words[folder + 1] !== '.bin') {
    const scope = words[folder + 1]?.startsWith('@') === true;
    return { from: 'npm', name: words.slice(folder + 1, folder + (scope ? 3 : 2)).join('/') };
  }
  const name = pypiPackage(programName(path));
  return name === undefined ? undefined : { from: 'pypi', name };
}

function fromBridge(args: readonly string[]): LaunchedProgram | undefined {
  // The first one that is no option's value: an address may also stand in a header.
  const { operand } = firstOperand(args, { values: bridgeValues });
  return operand !== undefined && /^https?:\/\//i.test(operand) ? { from: 'url', name: operand } : undefined;
}

function beginningsOf(runners: Runners, program: string): Runners[string] | undefined {
  return Object.hasOwn(runners, program) ? runners[program] : undefined;
}

/** What stands behind one of these beginnings. */
function afterWords(
  beginnings: readonly (readonly string[])[] | undefined,
  args: readonly string[],
): readonly string[] | undefined {
  const found = beginnings?.find((words) => words.every((word, index) => args[index] === word));
  return found === undefined ? undefined : args.slice(found.length);
}
