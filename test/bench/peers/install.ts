/** Makes sure that the peers are installed, from the lock file, in this directory alone. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Installs the peers where they are missing. Throws where npm fails. */
export function installPeers(): void {
  if (existsSync(`${HERE}node_modules`)) return;
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--prefix', HERE], {
    cwd: HERE,
    stdio: ['ignore', 'inherit', 'inherit'],
    // On Windows npm is a script, which only a shell starts.
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('npm ci of the peers failed; --no-peers runs without them.');
}

/** The versions that the benchmark is pinned to. */
export const peerVersions = (): Readonly<Record<string, string>> =>
  (JSON.parse(readFileSync(`${HERE}package.json`, 'utf8')) as { dependencies: Record<string, string> }).dependencies;
