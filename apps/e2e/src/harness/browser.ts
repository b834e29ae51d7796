import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';

/** Finds a Chromium for the journeys, or gets one; run as a program it makes sure that there is one. */

const usualPlaces = [
  // Without a window of its own to draw around each page, it takes half the processor's time for one.
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

function findBrowser(): string | undefined {
  const given = process.env.CHROME_PATH;
  if (given) {
    if (existsSync(given)) return given;
    throw new Error(`CHROME_PATH is ${given}, where there is no file. Set it to a Chromium or Chrome, or unset it.`);
  }
  return [...usualPlaces, chromium.executablePath()].find((path) => path && existsSync(path));
}

function isDebian(): boolean {
  return (
    existsSync('/etc/os-release') && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'))
  );
}

/** Installs one where none is found: Debian's package as root, else playwright's own build. Throws when neither works. */
function ensureBrowser(): string {
  const found = findBrowser();
  if (found) return found;
  const run = (command: string, args: string[]) =>
    execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  try {
    if (isDebian() && process.getuid?.() === 0) {
      // Ubuntu has no such package: there chromium is the next that is tried.
      console.log('No Chromium found: installing the package chromium-headless-shell, or else chromium.');
      run('apt-get', ['update', '-qq']);
      const install = (name: string) => run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name]);
      try {
        install('chromium-headless-shell');
      } catch {
        install('chromium');
      }
    } else {
      console.log("No Chromium found: installing playwright's.");
      const cli = join(dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js');
      run(process.execPath, [cli, 'install', 'chromium']);
    }
  } catch {
    // The installer's output is on the screen; the message below says what to do next.
  }
  const installed = findBrowser();
  if (installed) return installed;
  throw new Error('The tests need a Chromium or Chrome. Install one, or set CHROME_PATH to it.');
}

const flags = [
  // Chromium's own sandbox needs an ordinary user.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: ensureBrowser(), args: flags });
}

/** A browser on a profile directory, as a process that can be killed. */
export async function startBrowserProcess(profile: string) {
  const args = [...flags, '--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'];
  const child = spawn(ensureBrowser(), args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  let address: string | undefined;
  for await (const line of createInterface({ input: child.stderr })) {
    address = /^DevTools listening on (ws:.+)$/.exec(line)?.[1];
    if (address) break;
  }
  if (!address) throw new Error('The browser ended before it listened.');
  // Otherwise the browser waits once its messages have filled the pipe.
  child.stderr.resume();
  const browser = await chromium.connectOverCDP(address);
  return {
    context: browser.contexts()[0] as BrowserContext,
    /** Kills it with all its processes, at once. May be called again. */
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid as number), 'SIGKILL');
      await exited;
      await browser.close();
    },
  };
}

if (import.meta.main) {
  try {
    ensureBrowser();
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
