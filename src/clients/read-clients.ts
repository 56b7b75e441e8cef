import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from '../config/source/read-text.ts';
import type { Problem } from '../core/place.ts';
import { clientFiles } from './client-files.ts';
import type { Surroundings } from './client-files.ts';
import type { ClientFile, ClientId, ClientReadings, ReadClient } from './client.ts';
import { readClaudeCode } from './readers/read-claude-code.ts';
import { readCline } from './readers/read-cline.ts';
import { readCodex } from './readers/read-codex.ts';
import { readMcpServers } from './readers/read-mcp-servers.ts';
import { readGeminiCli } from './readers/read-gemini-cli.ts';
import { readZed } from './readers/read-zed.ts';
import { parseSettings } from './source/parse-settings.ts';

/** Settings have some kilobytes; the file in which one client keeps its servers holds its history too. */
const maxFileBytes = 16 * 1024 * 1024;
/** More files of rules in one folder than anybody has. */
const maxFilesOfFolder = 100;

const readers: Record<ClientId, ReadClient> = {
  'claude-code': readClaudeCode,
  'claude-desktop': readMcpServers,
  cursor: readMcpServers,
  vscode: readMcpServers,
  windsurf: readMcpServers,
  zed: readZed,
  codex: readCodex,
  'gemini-cli': readGeminiCli,
  opencode: readMcpServers,
  cline: readCline,
  roo: readCline,
  continue: readMcpServers,
  'copilot-cli': readMcpServers,
};

/**
 * Reads what the clients' files say of MCP tools and servers. A file that is not there is passed over; one that cannot be read is a
 * problem with its place, and the others are read all the same. Never rejects.
 */
export async function readClients(surroundings: Surroundings, clients: readonly ClientId[]): Promise<ClientReadings> {
  const asked = clientFiles(surroundings).filter(({ client }) => clients.includes(client));
  const files = (await Promise.all(asked.map(findFiles))).flat();
  const all: ClientReadings = {
    files,
    problems: [],
    servers: [],
    rules: [],
    modes: [],
    left: [],
  };
  // One after the other: the largest of them take memory.
  for (const file of files) {
    const problem = await readFile(file, { all, cwd: surroundings.cwd });
    if (problem !== undefined) all.problems.push(problem);
  }
  return all;
}

/** The files that are there. Anything else but a file, such as a pipe, would be waited for without end. */
async function findFiles(file: ClientFile): Promise<ClientFile[]> {
  if (file.each === undefined) return (await isFile(file.path)) ? [file] : [];
  const { path, each } = file;
  const names = await readdir(path).catch(() => []);
  const paths = names
    .filter((name) => name.endsWith(each) && !name.startsWith('.'))
    .sort()
    .slice(0, maxFilesOfFolder)
    .map((name) => join(path, name));
  const found = await Promise.all(paths.map(async (one) => ((await isFile(one)) ? [one] : [])));
  return found.flat().map((one) => ({ ...file, path: one }));
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    // Who may not look may find something there: reading says so.
    return error instanceof Error && 'code' in error && error.code === 'EACCES';
  }
}

async function readFile(
  file: ClientFile,
  { all, cwd }: { all: ClientReadings; cwd: string },
): Promise<Problem | undefined> {
  const { path, client } = file;
  const read = await readText(path, maxFileBytes);
  if (!read.ok) return { place: { file: path, line: 1, column: 1 }, message: `it ${read.reason}` };
  // A file that a program has made and not yet filled.
  if (read.text.trim() === '') return undefined;
  const parsed = parseSettings(read.text, path);
  if (!parsed.ok) return parsed.problem;
  const { value, placeOf } = parsed;
  const reading = readers[client]({ file, value, placeOf, cwd });
  all.servers.push(...reading.servers);
  all.rules.push(...reading.rules);
  all.modes.push(...reading.modes);
  all.left.push(...reading.left);
  return undefined;
}
