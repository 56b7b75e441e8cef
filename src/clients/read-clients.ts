import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from '../config/source/read-text.ts';
import type { Problem } from '../core/place.ts';
import { clientFiles } from './client-files.ts';
import type { Surroundings } from './client-files.ts';
import type { ClientFile, ClientId, ClientReadings, ClientServer, FileReading, ReadClient } from './client.ts';
import { withEnvFile } from './entry/with-env-file.ts';
import { readClaudeCode } from './readers/read-claude-code.ts';
import { readCline } from './readers/read-cline.ts';
import { readCodex } from './readers/read-codex.ts';
import { readContinue } from './readers/read-continue.ts';
import { readGeminiCli } from './readers/read-gemini-cli.ts';
import { readMcpServers } from './readers/read-mcp-servers.ts';
import { readOpencode } from './readers/read-opencode.ts';
import { readVscode } from './readers/read-vscode.ts';
import { readZed } from './readers/read-zed.ts';
import { parseSettings } from './source/parse-settings.ts';

/** Settings have some kilobytes; the file in which one client keeps its servers holds its history too. */
export const maxFileBytes = 16 * 1024 * 1024;
/** More files of rules in one folder than anybody has. */
const maxFilesOfFolder = 100;

const readers: Record<ClientId, ReadClient> = {
  'claude-code': readClaudeCode,
  'claude-desktop': readMcpServers,
  cursor: readMcpServers,
  vscode: readVscode,
  windsurf: readMcpServers,
  zed: readZed,
  codex: readCodex,
  'gemini-cli': readGeminiCli,
  opencode: readOpencode,
  cline: readCline,
  roo: readCline,
  continue: readContinue,
  'copilot-cli': readMcpServers,
};

/**
 * Reads what the clients' files say of MCP tools and servers. A file that is not there is passed over; one that cannot be read is a
 * problem with its place, and the others are read all the same. Never rejects.
 */
export async function readClients(surroundings: Surroundings, clients: readonly ClientId[]): Promise<ClientReadings> {
  const asked = clientFiles(surroundings).filter(({ client }) => clients.includes(client));
  const files = (await Promise.all(asked.map(findFiles))).flat();
  return readFiles(files, surroundings);
}

/** Reads these files. What several of them say of one server is put together. Never rejects. */
export async function readFiles(files: readonly ClientFile[], surroundings: Surroundings): Promise<ClientReadings> {
  const all: ClientReadings = { files: [...files], problems: [], servers: [], rules: [], modes: [], left: [] };
  const off = new Set<string>();
  // One after the other: the largest of them take memory.
  for (const file of files) {
    const { problem, reading } = await readOne(file, surroundings);
    if (problem !== undefined) all.problems.push(problem);
    if (reading === undefined) continue;
    const { servers, elsewhere = [], rules, modes, left, envFiles } = reading;
    const fileOf = new Map(envFiles.map(({ server, path }) => [server, path]));
    for (const server of servers) {
      const path = fileOf.get(server);
      all.servers.push(path === undefined ? server : await withEnvFile(server, path));
    }
    (all.elsewhere ??= []).push(...elsewhere);
    all.rules.push(...rules);
    all.modes.push(...modes);
    all.left.push(...left);
    for (const name of reading.off) off.add(`${file.client} ${name}`);
  }
  const isOff = ({ client, name }: ClientServer): boolean => off.has(`${client} ${name}`);
  const servers = all.servers.map((server) =>
    server.entry !== undefined && isOff(server) ? { ...server, entry: { ...server.entry, enabled: false } } : server,
  );
  return { ...all, servers };
}

/** The files that are there. Anything else but a file, such as a pipe, would be waited for without end. */
async function findFiles(file: ClientFile): Promise<ClientFile[]> {
  if (file.each === undefined) return (await isFile(file.path)) ? [file] : [];
  const { path, each } = file;
  const names = await readdir(path).catch(() => []);
  const isBelow = each.startsWith('/');
  const paths = names
    .filter((name) => (isBelow || name.endsWith(each)) && !name.startsWith('.'))
    .sort()
    .slice(0, maxFilesOfFolder)
    .map((name) => (isBelow ? join(path, name, each) : join(path, name)));
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

async function readOne(
  file: ClientFile,
  { cwd, home, platform }: Surroundings,
): Promise<{ problem?: Problem; reading?: FileReading }> {
  const { path, client } = file;
  const read = await readText(path, maxFileBytes);
  if (!read.ok) return { problem: { place: { file: path, line: 1, column: 1 }, message: `it ${read.reason}` } };
  // A file that a program has made and not yet filled.
  if (read.text.trim() === '') return {};
  const parsed = parseSettings(read.text, path);
  if (!parsed.ok) return { problem: parsed.problem };
  const { value, placeOf } = parsed;
  return { reading: readers[client]({ file, value, placeOf, cwd, home, platform }) };
}
