import { clientTitles } from '../../clients/client.ts';
import type { TakenRule } from '../../clients/take-over.ts';
import { addPolicyRules } from '../../config/edit/add-policy-rules.ts';
import type { PolicyLine } from '../../config/edit/add-policy-rules.ts';
import { readBuiltinPolicy } from '../../config/edit/read-builtin-policy.ts';
import { renderPolicy } from '../../config/edit/render/render-policy.ts';
import { setText } from '../../config/edit/set-text.ts';
import { toComment } from '../../config/edit/render/to-comment.ts';
import { maxFileBytes } from '../../config/load-policy.ts';
import type { Policy } from '../../config/policy.ts';
import type { Tool } from '../../core/tool.ts';
import { isPlainPattern, proposePolicy } from '../../policy/propose/propose-policy.ts';
import type { ProposedPolicy, ProposedTool } from '../../policy/propose/propose-policy.ts';

/** A client's rule as it stands in a policy. */
export type TakenLine = Pick<TakenRule, 'list' | 'pattern'> & {
  by: readonly Pick<TakenRule['by'][number], 'client'>[];
};

/** What is known of a server when its policy is proposed. */
export interface PolicyFacts {
  server: string;
  /** As it lists them. Absent: it was not reached. */
  tools?: readonly Tool[];
  /** Who it says it is. */
  title?: string;
  /** The policy that ships for it. */
  builtin?: { reference: string; policy: Policy };
  /** What clients' rules come to. */
  taken: readonly TakenLine[];
}

/** `text` absent: the policy that ships for the server says all that is known, and `reference` names it. */
export interface PlannedPolicy {
  server: string;
  reference?: string;
  text?: string;
  /** All tools with their classes. Absent: it was not reached. */
  tools?: readonly ProposedTool[];
}

/** Decides which policy a server gets: the one that ships for it, where that has a rule for each of its tools, else a file of its own. */
export async function planPolicy(facts: PolicyFacts): Promise<PlannedPolicy> {
  const { server, tools, builtin, taken } = facts;
  const proposal = tools && proposePolicy(tools, builtin?.policy);
  const known = proposal === undefined ? {} : { tools: [...proposal.ruled, ...proposal.lines] };
  if (builtin !== undefined) {
    const fresh = (proposal?.lines ?? []).filter(({ tool }) => isPlainPattern(tool)).map(toLine);
    const lines = [...fresh, ...taken.filter(({ pattern }) => isWritable(pattern))];
    if (lines.length === 0) return { server, reference: builtin.reference, ...known };
    const text = await extendBuiltin(builtin.reference, { ...facts, lines, proposal });
    if (text !== undefined) return { server, text, ...known };
  }
  const own = tools && proposePolicy(tools);
  return { server, text: renderFitting(facts, own), ...(own !== undefined && { tools: own.lines }) };
}

/**
 * With notes, or without them, or with nothing but what needs a yes: a server of thousands of tools must not keep all others from being
 * proposed, since no configuration names a file that is too large.
 */
function renderFitting(facts: PolicyFacts, own: ProposedPolicy | undefined): string {
  const plain = (own?.lines ?? []).map((line) => ({ ...line, doubts: [], remarks: [] }));
  const destructive = plain.filter((line) => line.class === 'destructive');
  const last = (): string =>
    renderOwn(facts, destructive, [
      'Its other tools are too many to be listed: they are writes, or destructive by a hint.',
    ]);
  const texts = [
    renderOwn(facts, own?.lines ?? [], []),
    renderOwn(facts, plain, [
      'Its tools are too many for notes: mcp-marshal tools explain NAME says what speaks for a class.',
    ]),
  ];
  return texts.find((text) => Buffer.byteLength(text) <= maxFileBytes) ?? last();
}

function toLine({ class: list, tool }: ProposedTool): PolicyLine {
  return { list, pattern: tool };
}

/** Patterns of clients' rules may be globs; a name that only looks like one is left to the hints. */
function isWritable(pattern: string): boolean {
  return pattern !== '' && !pattern.startsWith('!');
}

/** The shipped policy as the beginning of a file, with lines for what it does not know. */
async function extendBuiltin(
  reference: string,
  {
    server,
    lines,
    proposal,
    taken,
  }: PolicyFacts & { lines: readonly PolicyLine[]; proposal: ProposedPolicy | undefined },
): Promise<string | undefined> {
  const begun = await readBuiltinPolicy(reference);
  if (begun === undefined) return undefined;
  const added = (proposal?.lines ?? []).map((one) =>
    toComment(`${one.tool}: ${[one.class, ...notesOf(one)].join('; ')}`),
  );
  const heading = [
    ` From ${reference}, with lines for what it does not say. Read them before you rely on them.`,
    ...(added.length === 0 ? [] : [' New tools:', ...added]),
    ...taken.map(({ list, pattern, by }) => toComment(`${list} ${pattern} is from ${clientsOf(by)}`)),
  ];
  const text = `${heading.map((line) => `#${line}\n`).join('')}\n${begun}`;
  const file = `${server}.yaml`;
  const named = setText(text, { file, path: ['server'], value: server });
  const extended = named === undefined ? undefined : addPolicyRules(named, { file, lines });
  return extended?.ok === true ? extended.text : undefined;
}

function notesOf({ doubts, remarks }: ProposedTool): string[] {
  return [...(doubts.length === 0 ? [] : [`doubtful: ${doubts.join('; ')}`]), ...remarks];
}

function clientsOf(by: TakenLine['by']): string {
  return [...new Set(by.map(({ client }) => clientTitles[client]))].join(', ');
}

function renderOwn(
  { server, tools, title, taken }: PolicyFacts,
  lines: readonly ProposedTool[],
  more: readonly string[],
): string {
  const isDoubtful = lines.some(({ doubts }) => doubts.length > 0);
  const who = title === undefined ? 'the server' : title;
  const heading = [
    tools === undefined
      ? `Proposed by mcp-marshal for ${server}, whose tools are not known yet: it has not been reached.`
      : `Proposed by mcp-marshal from the tools that ${who} lists: its hints, written down as rules.`,
    ...(isDoubtful
      ? ['Doubtful ones say why, and are classed on the safe side: read them before you rely on this.']
      : []),
    ...(tools === undefined
      ? [
          'Once it is there, mcp-marshal import --policies proposes a class for each; until then they are writes, or worse.',
        ]
      : []),
    ...more,
  ];
  const noteOf = (one: ProposedTool): { note?: string } => {
    const notes = notesOf(one);
    return notes.length === 0 ? {} : { note: notes.join('; ') };
  };
  return renderPolicy({
    server,
    heading,
    lines: [
      ...lines
        .filter(({ tool }) => isPlainPattern(tool))
        .map((one) => ({ list: one.class, pattern: one.tool, ...noteOf(one) })),
      ...taken
        .filter(({ pattern }) => isWritable(pattern))
        .map(({ list, pattern, by }) => ({ list, pattern, note: `from ${clientsOf(by)}` })),
    ],
    tools: lines
      .filter(({ tool }) => !isPlainPattern(tool) && tool !== '')
      .map((one) => ({ tool: one.tool, class: one.class, ...noteOf(one) })),
  });
}
