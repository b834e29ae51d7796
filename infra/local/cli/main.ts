import { runCommand } from './run-command.ts';

/** The product from a terminal: a client of its HTTP API. */

const isTerminal = process.stderr.isTTY;

process.exitCode = await runCommand(process.argv.slice(2), {
  environment: process.env,
  print: (output) => void process.stdout.write(`${typeof output === 'string' ? output : JSON.stringify(output)}\n`),
  progress: (text) => void (isTerminal && process.stderr.write(`\r\u001b[K${text}`)),
  complain: (sentence) => console.error(sentence),
});
