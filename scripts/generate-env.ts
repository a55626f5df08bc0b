/** Writes each Worker's `env.d.ts` from `wrangler.toml`; with --check it only tells whether they are fresh. */
import { spawnSync } from 'node:child_process';

const WORKERS = ['edge', 'publisher', 'ingest', 'stream', 'control'];
const OPTIONS = ['--include-runtime=false', '--strict-vars=false'];

const check = process.argv.includes('--check');
for (const worker of WORKERS) {
  const args = ['types', `workers/${worker}/env.d.ts`, '--env', worker, ...OPTIONS, ...(check ? ['--check'] : [])];
  const { status } = spawnSync(process.execPath, ['node_modules/wrangler/bin/wrangler.js', ...args], {
    stdio: check ? 'inherit' : ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  });
  if (status !== 0) process.exitCode = 1;
}
