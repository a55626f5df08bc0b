#!/usr/bin/env node
// What `npm start` and `npm test` go through: plain JavaScript that any Node from 20 on runs on a fresh clone. It installs what is
// missing, then hands over to the Node that the project brings.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'node_modules', '.lockstep-installed');
const ownNode = join(root, 'node_modules', 'node', 'bin', 'node');

function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(ownNode) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.error('Installing dependencies (once, about half a minute) …');
  const { status } = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    console.error('npm ci failed: see above.');
    process.exit(status ?? 1);
  }
  if (!existsSync(ownNode)) {
    // Some npm versions are set not to run install scripts: that of the package `node` fetches this machine's binary.
    spawnSync('npm', ['rebuild', 'node'], { cwd: root, stdio: ['ignore', 2, 2] });
  }
  if (!existsSync(ownNode)) {
    console.error(
      'The npm package "node" brought no binary for this machine: allow its install script (see npm help install).',
    );
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

const [script, ...args] = process.argv.slice(2);
install();
// Node takes the types out of a command's sources at each start; what comes of it is kept where only whoever may change them can write.
const isKept = script.startsWith('scripts/cli/') || script === 'scripts/start.ts';
const cache = isKept ? { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/cli') } : {};
const child = spawn(ownNode, [join(root, script), ...args], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...cache,
    ...process.env,
    PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`,
    WRANGLER_SEND_METRICS: 'false',
  },
});
// Ctrl-C reaches the whole process group by itself; other signals are passed on, and the child says when it is done.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
