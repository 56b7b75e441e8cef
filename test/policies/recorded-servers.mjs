// Keys that belong to nobody: a server that only wants to see one lists its tools with them.
const fake = 'not-a-real-key';

/**
 * Servers of npm whose tool lists are recorded. `name` is the recording's and, where there is one, the policy's. `bin`: which program of
 * the package, where it has several. A server that asks its service before it lists anything cannot be here.
 */
export const recordedServers = [
  { name: 'airtable', package: 'airtable-mcp-server', env: { AIRTABLE_API_KEY: `pat123.${fake}` } },
  { name: 'azure', package: '@azure/mcp', args: ['server', 'start'], bin: 'azmcp' },
  {
    name: 'brave-search',
    package: '@brave/brave-search-mcp-server',
    args: ['--transport', 'stdio'],
    env: { BRAVE_API_KEY: fake },
  },
  { name: 'browsermcp', package: '@browsermcp/mcp' },
  { name: 'chrome-devtools', package: 'chrome-devtools-mcp' },
  { name: 'circleci', package: '@circleci/mcp-server-circleci', env: { CIRCLECI_TOKEN: fake } },
  {
    name: 'cloudflare',
    package: '@cloudflare/mcp-server-cloudflare',
    args: ['run', '0123456789abcdef0123456789abcdef'],
    env: { CLOUDFLARE_API_TOKEN: fake },
  },
  { name: 'context7', package: '@upstash/context7-mcp' },
  { name: 'desktop-commander', package: '@wonderwhy-er/desktop-commander' },
  {
    name: 'elasticsearch',
    package: '@elastic/mcp-server-elasticsearch',
    env: { ES_URL: 'http://127.0.0.1:9', ES_API_KEY: fake },
  },
  { name: 'eslint', package: '@eslint/mcp' },
  { name: 'everything', package: '@modelcontextprotocol/server-everything' },
  { name: 'exa', package: 'exa-mcp-server', env: { EXA_API_KEY: fake } },
  { name: 'figma', package: 'figma-developer-mcp', args: ['--stdio'], env: { FIGMA_API_KEY: fake } },
  { name: 'filesystem', package: '@modelcontextprotocol/server-filesystem', args: ['.'] },
  { name: 'firecrawl', package: 'firecrawl-mcp', env: { FIRECRAWL_API_KEY: fake } },
  { name: 'github-npm', package: '@modelcontextprotocol/server-github', env: { GITHUB_PERSONAL_ACCESS_TOKEN: fake } },
  {
    name: 'gitlab',
    package: '@zereight/mcp-gitlab',
    env: { GITLAB_PERSONAL_ACCESS_TOKEN: fake, USE_PIPELINE: 'true', USE_MILESTONE: 'true', USE_GITLAB_WIKI: 'true' },
  },
  { name: 'google-maps', package: '@modelcontextprotocol/server-google-maps', env: { GOOGLE_MAPS_API_KEY: fake } },
  { name: 'hubspot', package: '@hubspot/mcp-server', env: { PRIVATE_APP_ACCESS_TOKEN: fake } },
  { name: 'huggingface', package: '@llmindset/hf-mcp-server', env: { DEFAULT_HF_TOKEN: fake } },
  {
    name: 'jira',
    package: '@aashari/mcp-server-atlassian-jira',
    env: { ATLASSIAN_SITE_NAME: 'example', ATLASSIAN_USER_EMAIL: 'a@example.com', ATLASSIAN_API_TOKEN: fake },
  },
  { name: 'kubernetes', package: 'mcp-server-kubernetes' },
  { name: 'linear-community', package: '@tacticlaunch/mcp-linear', env: { LINEAR_API_TOKEN: fake } },
  { name: 'mapbox', package: '@mapbox/mcp-server', env: { MAPBOX_ACCESS_TOKEN: `pk.eyJ1Ijoibm9ib2R5In0.${fake}` } },
  { name: 'memory', package: '@modelcontextprotocol/server-memory' },
  { name: 'mobile', package: '@mobilenext/mobile-mcp' },
  {
    name: 'mongodb',
    package: 'mongodb-mcp-server',
    env: { MDB_MCP_TELEMETRY: 'disabled', MDB_MCP_API_CLIENT_ID: fake, MDB_MCP_API_CLIENT_SECRET: fake },
  },
  { name: 'ms365', package: '@softeria/ms-365-mcp-server' },
  {
    name: 'n8n',
    package: 'n8n-mcp',
    env: {
      MCP_MODE: 'stdio',
      LOG_LEVEL: 'error',
      DISABLE_CONSOLE_OUTPUT: 'true',
      N8N_API_URL: 'http://127.0.0.1:9',
      N8N_API_KEY: fake,
    },
  },
  { name: 'netlify', package: '@netlify/mcp' },
  { name: 'notion', package: '@notionhq/notion-mcp-server', env: { NOTION_TOKEN: `ntn_${fake}` } },
  { name: 'perplexity', package: '@perplexity-ai/mcp-server', env: { PERPLEXITY_API_KEY: fake } },
  { name: 'pinecone', package: '@pinecone-database/mcp', env: { PINECONE_API_KEY: fake } },
  {
    name: 'playwright',
    package: '@playwright/mcp',
    args: ['--caps', 'vision,pdf,testing,network,storage,devtools,config'],
  },
  { name: 'postgres', package: '@modelcontextprotocol/server-postgres', args: ['postgresql://127.0.0.1:9/nothing'] },
  { name: 'puppeteer', package: '@modelcontextprotocol/server-puppeteer' },
  { name: 'repomix', package: 'repomix', args: ['--mcp'] },
  { name: 'sentry', package: '@sentry/mcp-server', args: ['--access-token', fake, '--host', 'sentry.example.com'] },
  { name: 'sequential-thinking', package: '@modelcontextprotocol/server-sequential-thinking' },
  { name: 'shadcn', package: 'shadcn', args: ['mcp'] },
  { name: 'shopify-dev', package: '@shopify/dev-mcp' },
  {
    name: 'slack',
    package: '@modelcontextprotocol/server-slack',
    env: { SLACK_BOT_TOKEN: `xoxb-${fake}`, SLACK_TEAM_ID: 'T00000000' },
  },
  {
    name: 'supabase',
    package: '@supabase/mcp-server-supabase',
    args: [
      '--access-token',
      `sbp_${'0'.repeat(40)}`,
      '--features',
      'account,branching,database,debugging,development,functions,storage',
    ],
  },
  { name: 'task-master', package: 'task-master-ai', bin: 'task-master-mcp' },
  { name: 'tavily', package: 'tavily-mcp', env: { TAVILY_API_KEY: `tvly-${fake}` } },
  { name: 'xcodebuild', package: 'xcodebuildmcp', args: ['mcp'] },
];
