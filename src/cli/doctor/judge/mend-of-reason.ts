import { programOfLine } from '../../../upstream/transport/start-failure.ts';
import { quoteWord } from '../../terminal/quote-word.ts';

/** What is wrong with a server that is not there: a word for programs, and a mend. */
export interface Mend {
  code: string;
  fix: string;
}

interface Subject {
  server: string;
  needsLogin: boolean;
  /** As the configuration writes it. */
  command?: string;
}

/** Programs that start servers of others, and how people get them. */
const installers: Record<string, string> = {
  npx: 'install Node.js, which brings npx',
  node: 'install Node.js',
  npm: 'install Node.js, which brings npm',
  bunx: 'install Bun: npm install --global bun',
  bun: 'install Bun: npm install --global bun',
  uvx: 'install uv, which brings uvx: pipx install uv',
  uv: 'install uv: pipx install uv',
  pipx: 'install pipx: python3 -m pip install --user pipx',
  docker: 'install Docker, and start it',
  podman: 'install Podman',
  deno: 'install Deno: npm install --global deno',
};

/** How to get a program that was not found. */
export function mendOfMissing(command: string, server: string): string {
  const program = programOfLine(command);
  if (program !== undefined) {
    return `write servers.${server}.command: ${program}, and each word behind it into servers.${server}.args`;
  }
  const name =
    command
      .split(/[\\/]/)
      .at(-1)
      ?.replace(/\.(?:exe|cmd)$/i, '') ?? command;
  const install = installers[name] ?? `install ${name}`;
  const isPath = /[\\/]/.test(command);
  return `${install}; or ${isPath ? 'correct' : 'write the full path of it as'} servers.${server}.command`;
}

/** By what the reason of the upstream says; the first that holds. */
const kinds: readonly { says: RegExp; mend: (subject: Subject) => Mend }[] = [
  {
    says: /^the command .* was not found|path of the command/,
    mend: ({ server, command = server }) => ({ code: 'command-not-found', fix: mendOfMissing(command, server) }),
  },
  {
    says: /^the working directory/,
    mend: ({ server }) => ({ code: 'cwd-missing', fix: `create that folder, or correct servers.${server}.cwd` }),
  },
  {
    says: /^no permission to run/,
    mend: ({ server, command = 'it' }) => ({
      code: 'command-not-executable',
      fix: `chmod +x ${quoteWord(command)}, or correct servers.${server}.command`,
    }),
  },
  {
    says: /docker daemon|docker\.sock/i,
    mend: () => ({ code: 'docker-away', fix: 'start Docker, and see with docker ps that it runs' }),
  },
  {
    says: /exited with code|was ended by|closed its stdout/,
    mend: ({ server }) => ({
      code: 'exits',
      fix: `do what its last words say; then correct args or env of servers.${server}, and see with mcp-marshal check`,
    }),
  },
  {
    says: /no answer within|was not ready within|did not answer in time|has not read its input/,
    mend: ({ server, command }) => ({
      code: 'hangs',
      fix:
        command === undefined
          ? `see whether servers.${server}.url answers, such as with curl; where it only wakes up slowly, mcp-marshal doctor again`
          : `start it in a shell as servers.${server} has it, and see what it waits for; where it only takes long the first time, mcp-marshal doctor --timeout 2m`,
    }),
  },
  {
    says: /refuses our credentials/,
    mend: ({ server }) => ({
      code: 'credentials-refused',
      fix: `correct servers.${server}.headers, such as Authorization: "Bearer \${TOKEN}"`,
    }),
  },
  {
    says: /HTTP 404/,
    mend: ({ server }) => ({
      code: 'http-status',
      fix: `correct servers.${server}.url: nothing answers MCP there; many end in /mcp, and older ones want type: sse`,
    }),
  },
  {
    says: /\(HTTP 30\d\)/,
    mend: ({ server }) => ({
      code: 'http-status',
      fix: `write the address that it redirects to as servers.${server}.url`,
    }),
  },
  {
    says: /HTTP \d{3}/,
    mend: ({ server }) => ({
      code: 'http-status',
      fix: `try it again later; if it stays, ask who runs it, or write servers.${server}.enabled: false`,
    }),
  },
  {
    says: /secure connection/,
    mend: ({ server }) => ({
      code: 'tls',
      fix: `name the authority of its certificate in NODE_EXTRA_CA_CERTS=FILE, or correct servers.${server}.url`,
    }),
  },
  {
    says: /cannot be reached|its port is one/,
    mend: ({ server }) => ({ code: 'unreachable', fix: `start it, or correct servers.${server}.url` }),
  },
];

/** What mends a server that is not there, by why it is not. */
export function mendOfReason(reason: string, subject: Subject): Mend {
  const { server, needsLogin } = subject;
  if (needsLogin) return { code: 'login-needed', fix: `mcp-marshal login ${server}` };
  const kind = kinds.find(({ says }) => says.test(reason));
  return (
    kind?.mend(subject) ?? {
      code: 'unreachable',
      fix: `correct servers.${server}, and see with MCP_MARSHAL_DEBUG=1 mcp-marshal check what it says`,
    }
  );
}
