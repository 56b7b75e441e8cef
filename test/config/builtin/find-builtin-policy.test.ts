import { describe, expect, it } from 'vitest';
import { findBuiltinPolicy } from '../../../src/config/builtin/find-builtin-policy.ts';
import { readSubjects } from '../../../src/config/builtin/read-subjects.ts';
import { shippedNames } from '../../policies/shipped.ts';

const ofCommand = (line: string): Promise<string | undefined> => {
  const [command = '', ...args] = line.split(' ');
  return findBuiltinPolicy({ command, args, env: [] });
};
const ofUrl = (url: string, type: 'http' | 'sse' = 'http'): Promise<string | undefined> =>
  findBuiltinPolicy({ type, url, headers: [] });

describe('the policy for a server, by how it is started', () => {
  it.each([
    'npx @playwright/mcp',
    'npx -y @playwright/mcp@latest --headless',
    'npx --yes --quiet @playwright/mcp@0.0.83',
    'npx -p @playwright/mcp mcp-server-playwright',
    'npx --package=@playwright/mcp@1 -- mcp-server-playwright',
    'npx --registry https://example.com -y @playwright/mcp',
    'bunx @playwright/mcp@latest',
    'bun x @playwright/mcp',
    'pnpm dlx @playwright/mcp@latest',
    'yarn dlx @playwright/mcp',
    'npm exec -y -- @playwright/mcp',
    'deno run -A npm:@playwright/mcp@1',
    'cmd /c npx -y @playwright/mcp',
    'env DEBUG=1 npx -y @playwright/mcp',
    '/opt/homebrew/bin/npx -y @playwright/mcp',
    'C:\\nodejs\\npx.cmd -y @playwright/mcp',
    'node /srv/app/node_modules/@playwright/mcp/cli.js --headless',
    'node --import ./setup.mjs --no-warnings ./node_modules/@playwright/mcp/cli.js',
    'C:\\app\\node_modules\\@playwright\\mcp\\cli.js',
    'docker run -i --rm --init --pull=always mcr.microsoft.com/playwright/mcp',
  ])('%s', async (line) => {
    expect(await ofCommand(line)).toBe('builtin:playwright');
  });

  it.each([
    'uvx mcp-server-git --repository /srv/repo',
    'uvx mcp-server-git@latest',
    'uvx --python 3.12 mcp-server-git==1.0',
    'uvx --from mcp-server-git[all]>=1 mcp-server-git',
    'uv tool run MCP_Server.Git',
    'uv --directory /srv/git run mcp-server-git',
    'uv run --with mcp-server-git python -m mcp_server_git',
    'pipx run --spec mcp-server-git mcp-server-git',
    'python3 -m mcp_server_git --repository .',
    '/srv/.venv/bin/mcp-server-git',
    'docker run --rm -i --mount type=bind,src=/srv,dst=/srv mcp/git:1.2',
    'docker run -e A=1 -eB=2 -v /srv:/srv -p8080:80 -it mcp/git@sha256:0a1b',
    'podman run -i docker.io/mcp/git',
    'docker container run -i mcp/git',
  ])('%s', async (line) => {
    expect(await ofCommand(line)).toBe('builtin:git');
  });

  it.each([
    'npx -y some-other-server',
    'npx -y @playwright/mcp-other',
    'npx -y github:someone/playwright-mcp',
    'npx -y ./local/server',
    'npx',
    'npx -y',
    'npx -y some-proxy @playwright/mcp',
    'node server.js /srv/node_modules/@playwright/mcp',
    'node',
    'python3 server.py -x',
    'python3 -m',
    'uvx',
    'uv sync',
    'docker run -i --name mcp/git someone/else',
    'docker compose up mcp/git',
    'docker',
    'constructor mcp-server-git',
    'uvx --from mcp-server-git@git+https://example.com/x mcp-server-git',
    'uvx --from=mcp-server-git@https://example.com/x.whl mcp-server-git',
    'python3 server.py -m mcp_server_git',
    'deno run -A server.ts npm:@playwright/mcp',
    'npx mcp-remote https://example.com/mcp --header X:https://mcp.linear.app/mcp',
    'npx mcp-remote --header https://mcp.linear.app/mcp https://example.com/mcp',
    'sh -c something',
    '',
  ])('none for what only looks alike: %s', async (line) => {
    expect(await ofCommand(line)).toBeUndefined();
  });
});

it('is none for an address that is called like a package', async () => {
  const args = ['--from', 'mcp-server-git @ git+https://example.com/x', 'mcp-server-git'];
  expect(await findBuiltinPolicy({ command: 'uvx', args, env: [] })).toBeUndefined();
});

describe('the policy for a server, by its address', () => {
  it('goes by the host and by whole segments of the path', async () => {
    expect(await ofUrl('https://mcp.linear.app/mcp')).toBe('builtin:linear');
    expect(await ofUrl('https://mcp.linear.app/sse?team=a', 'sse')).toBe('builtin:linear');
    expect(await ofUrl('https://MCP.Linear.app')).toBe('builtin:linear');
    expect(await ofUrl('https://api.githubcopilot.com/mcp/')).toBe('builtin:github');
    expect(await ofUrl('https://api.githubcopilot.com/mcp/x/issues/readonly')).toBe('builtin:github');
  });

  it('is that of the address that a bridge goes to', async () => {
    expect(await ofCommand('npx -y mcp-remote@latest https://mcp.linear.app/sse --header A:1')).toBe('builtin:linear');
    expect(await ofCommand('npx -y mcp-remote')).toBeUndefined();
  });

  it.each([
    'https://api.githubcopilot.com/mcp-old',
    'https://api.githubcopilot.com/',
    'https://mcp.linear.app.example.com/mcp',
    'https://mcp.linear.app:8443/mcp',
    'http://mcp.linear.app/mcp',
    'https://example.com/?to=https://mcp.linear.app/mcp',
    '${LINEAR_URL}',
    'not an address',
  ])('is none for what only looks alike: %s', async (url) => {
    expect(await ofUrl(url)).toBeUndefined();
  });
});

describe('what the shipped policies are for', () => {
  it('is said by each, and claimed by one only', async () => {
    const subjects = await readSubjects();
    expect(subjects.map(({ policy }) => policy)).toEqual(shippedNames.toSorted());
    const claims = subjects.map(({ npm, pypi, image, url }) => [...npm, ...pypi, ...image, ...url]);
    expect(claims.filter((all) => all.length === 0)).toEqual([]);
    expect(new Set(claims.flat()).size).toBe(claims.flat().length);
  });
});
