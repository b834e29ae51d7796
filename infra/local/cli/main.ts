import { parseArgs } from 'node:util';
import { Api, ApiFailure } from './api.ts';
import { type Command, UsageError } from './command.ts';
import { queueCommand } from './queue.ts';
import { runCommands } from './runs.ts';

/** The product from a terminal: a client of its HTTP API. */

const commands: readonly Command[] = [...runCommands, queueCommand];

const width = Math.max(...commands.map(({ usage }) => usage.length));
const help = `Usage: pnpm --silent cli <command>

${commands.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`).join('\n')}

Every command takes --json for scripts and --url <address> (AT_URL, else http://localhost:8000, or API_PORT). The key of an
installation that needs one is in AT_API_KEY; REAR_DIFF_PREFIX is that of the API.

Exit codes: 0 done; 1 the run that was followed did not complete; 2 the command is wrong; 3 the API refused or did not answer.`;

const isTerminal = process.stderr.isTTY;
const print = (output: string | object) =>
  void process.stdout.write(`${typeof output === 'string' ? output : JSON.stringify(output)}\n`);
const progress = (text: string) => void (isTerminal && process.stderr.write(`\r\u001b[K${text}`));

async function run([name, ...args]: string[]): Promise<number> {
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
  const address =
    (url as string | undefined) ?? process.env.AT_URL ?? `http://localhost:${process.env.API_PORT ?? 8000}`;
  const api = new Api(address, process.env.REAR_DIFF_PREFIX ?? 'rear-diff', process.env.AT_API_KEY || undefined);
  return command.run({ api, positionals, values: own, json: json === true, print, progress });
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  progress('');
  const isUsage = error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  if (!isUsage && !(error instanceof ApiFailure)) throw error;
  console.error((error as Error).message);
  process.exitCode = isUsage ? 2 : 3;
}
