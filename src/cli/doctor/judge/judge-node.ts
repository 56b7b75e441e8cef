import type { Finding } from '../finding.ts';

/** The program that runs, and what runs it. */
export interface ProgramFacts {
  /** Of mcp-marshal. */
  version: string;
  /** Where its package lies. */
  folder: string;
  /** Of Node, without `v`. */
  node: string;
  /** The range that the package asks for, such as `>=20.19`. */
  engines: string;
}

/** Whether this Node is one that the package was made for. */
export function judgeNode({ node, engines }: Pick<ProgramFacts, 'node' | 'engines'>): Finding[] {
  const [, least] = /^>=\s*([\d.]+)$/.exec(engines) ?? [];
  if (least === undefined || compareVersions(node, least) >= 0) return [];
  return [
    {
      level: 'problem',
      code: 'old-node',
      about: 'node',
      message: `this is Node ${node}, and mcp-marshal needs ${least} or newer`,
      fix: `install Node ${least} or newer, and register mcp-marshal again: mcp-marshal install --all`,
    },
  ];
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map((part) => Number.parseInt(part, 10) || 0));
  for (const index of [0, 1, 2]) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
