import { parseArgs } from 'node:util';
import { Api, ApiFailure } from './api.ts';
import { type Command, type Context, UsageError } from './command.ts';
import { queueCommand } from './queue.ts';
import { runCommands } from './runs.ts';

/** The commands of the terminal client, without a process. */

const commands: readonly Command[] = [...runCommands, queueCommand];

const width = Math.max(...commands.map(({ usage }) => usage.length));
const help = `Usage: pnpm --silent cli <command>

${commands.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`).join('\n')}

Every command takes --json for scripts and --url <address> (AT_URL, else http://localhost:8000, or API_PORT). The key of an
installation that needs one is in AT_API_KEY; REAR_DIFF_PREFIX is that of the API.

Exit codes: 0 done; 1 the run that was followed did not complete; 2 the command is wrong; 3 the API refused or did not answer.`;

export type Terminal = {
  environment: Record<string, string | undefined>;
  print: Context['print'];
  progress: Context['progress'];
  /** Says why a command was not done. */
  complain: (sentence: string) => void;
};

async function dispatch([name, ...args]: string[], { environment, print, progress }: Terminal): Promise<number> {
  if (name === undefined || ['help', '--help', '-h'].includes(name)) {
    print(help);
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((one) => one.name === name);
  if (!command)
    throw new UsageError(`There is no command ${name}. Commands: ${commands.map((one) => one.name).join(', ')}.`);
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...command.options, json: { type: 'boolean', default: false }, url: { type: 'string' } },
  });
  const { url, json, ...own } = values as Record<string, string | boolean | undefined>;
  const { AT_URL, API_PORT = 8000, REAR_DIFF_PREFIX = 'rear-diff', AT_API_KEY } = environment;
  const address = (url as string | undefined) ?? AT_URL ?? `http://localhost:${API_PORT}`;
  const api = new Api(address, REAR_DIFF_PREFIX, AT_API_KEY || undefined);
  return command.run({ api, positionals, values: own, json: json === true, print, progress });
}

/** Returns the exit code. */
export async function runCommand(args: string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    terminal.progress('');
    const isUsage = error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
    if (!isUsage && !(error instanceof ApiFailure)) throw error;
    terminal.complain((error as Error).message);
    return isUsage ? 2 : 3;
  }
}
