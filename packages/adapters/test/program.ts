import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const directories = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/** The path of a program; installs its package of the same name if it is missing, as root on Debian. */
export function findProgram(name: string): string {
  const found = () => directories.map((directory) => `${directory}/${name}`).find((path) => existsSync(path));
  if (!found() && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const install = ['install', '-y', '--no-install-recommends', name];
    // RUNLEVEL=1 keeps Debian from starting a service.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    if (spawnSync('apt-get', install, { env }).status !== 0) {
      spawnSync('apt-get', ['update'], { env });
      spawnSync('apt-get', install, { env });
    }
  }
  const program = found();
  if (!program) throw new Error(`These tests need ${name}. Install it (Debian: apt-get install ${name}).`);
  return program;
}
