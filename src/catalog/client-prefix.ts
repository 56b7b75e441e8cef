// Clients join a mark, this server's name as the user registered it (`marshal`, `mcp-marshal`, perhaps longer and then cut at
// 13 characters), and the tool: mcp__marshal__x (Claude Code), mcp_marshal_x (Gemini CLI, VS Code), marshal__x, marshal.x.
const clientPrefix = /^(?:mcp__?)?(?:mcp[-_])?marshal[a-z0-9-]*(?:__?|[./:])(?=.)/i;

/** A tool's name without the prefix that a client puts before the tools of this server; the name itself where it has none. */
export function withoutClientPrefix(name: string): string {
  return name.replace(clientPrefix, '');
}
