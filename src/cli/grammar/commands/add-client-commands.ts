import type { Command } from 'commander';
import type { Run } from '../run.ts';
import { example, jsonOption } from '../shared-options.ts';

/** Loaded when they are called, as all commands are. */
const commands = {
  doctor: () => import('../../commands/clients/doctor.ts'),
  hook: () => import('../../commands/clients/hook.ts'),
};

type TimeoutOption = readonly [flags: string, description: string, parse: (written: string) => number];

/** The commands that look at the clients' own files, or answer them. */
export function addClientCommands(program: Command, run: Run, timeoutOption: TimeoutOption): void {
  program
    .command('doctor')
    .description('find out what is wrong with servers, configuration and clients, and what mends it')
    .option('--offline', 'read the files only, connect to nothing')
    .option(...timeoutOption)
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal doctor'))
    .action(({ offline }: { offline?: boolean }, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await commands.doctor()).doctor(context, { offline: offline === true }),
      ),
    );

  program
    .command('hook')
    .description('answer the pre-tool hook of a client with what policy decides about each call')
    .argument('[client]', `whose hook it is: ${hookClient}`)
    .option('--server <name>', 'the name under which the client has mcp-marshal; default: marshal')
    // The exit code for what the grammar does not know is one that blocks every call; `hookClaudeCode` asks instead, and so for a client
    // that is not known or not named.
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText('after', hookHelp)
    .action((client: string | undefined, { server }: { server?: string }, command: Command) =>
      run(command.optsWithGlobals(), async (context) => {
        const isKnown = client === hookClient;
        const unknown = isKnown ? command.args.slice(1) : [client === undefined ? 'no client' : JSON.stringify(client)];
        return (await commands.hook()).hookClaudeCode(context, { server, unknown });
      }),
    );
}

const hookClient = 'claude-code';

const hookHelp = `
Reads a call from stdin, connects to nothing, and answers by the policies and the lists of tools that are kept:
deny if a call of the batch is denied, ask if one needs approval or cannot be judged, else allow. With allow, Claude
Code does not ask about that call. A destructive tool that no rule allows is asked about. Name the configuration:
one that is merely found where Claude Code was started denies and asks, and allows nothing. It ends with 0 whatever
happens: registered with words that it does not know, it asks about each call and says why on stderr as well.

Register it in .claude/settings.json or ~/.claude/settings.json:
  { "hooks": { "PreToolUse": [{ "matcher": "mcp__marshal__.*",
    "hooks": [{ "type": "command", "command": "mcp-marshal hook claude-code --config /path/to/marshal.yaml",
                "timeout": 10 }] }] } }`;
