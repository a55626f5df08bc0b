/** Fresh processes that decide by last-known-good, and bare ones, in turn. The client is built as programs that ship it build theirs. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PublicJwk } from '#ruleset/web-crypto';
import { createLockstepClient } from '#sdk/node/create-lockstep-client';
import { bundleText } from '../../../scripts/bundle-text.ts';
import { runScript } from '../../e2e/fixtures/processes.ts';
import { ENVIRONMENT } from '../../unit/fixtures/signing.ts';
import { median } from '../report/rows.ts';

export interface FreshStarts {
  /** Milliseconds from the start of a process to its first decision; of a bare one, to its first statement. */
  readonly decisionMs: number;
  readonly bareMs: number;
}

export interface FreshStartsOptions {
  /** A relay that the disk is filled from. */
  readonly url: string;
  readonly publicKey: PublicJwk;
  readonly flag: string;
  readonly version: number;
  readonly rounds: number;
}

const FOLDER = 'node_modules/.cache/distribution';

export async function measureFreshStarts(options: FreshStartsOptions): Promise<FreshStarts> {
  const { flag, publicKey, rounds } = options;
  const folder = join(FOLDER, 'lkg');
  const [client, bare] = [join(FOLDER, 'first-decision.mjs'), join(FOLDER, 'bare.mjs')];
  // What another run left behind is signed by its key: each start would read it, and refuse it.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const entryPoints = ['test/bench/distribution/first-decision.ts'];
  const { text } = await bundleText({ entryPoints, platform: 'node', format: 'esm', target: 'node22' });
  await writeFile(client, text);
  await writeFile(bare, 'console.log(performance.now());\n');
  await fill(folder, options);
  const found = { decision: [] as number[], bare: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    found.bare.push(await printed(bare, []));
    found.decision.push(await printed(client, [folder, ENVIRONMENT, JSON.stringify([publicKey]), flag]));
  }
  return { decisionMs: median(found.decision), bareMs: median(found.bare) };
}

/** As a process that runs leaves it behind. */
async function fill(folder: string, { url, publicKey, version }: FreshStartsOptions): Promise<void> {
  const client = createLockstepClient({
    ...{ url, key: 'server', environment: ENVIRONMENT, publicKeys: [publicKey], folder },
  });
  await client.ready();
  await client.close();
  const found = client.status().version;
  if (found !== version) throw new Error(`version ${found} lies on the disk, not ${version}`);
}

async function printed(script: string, args: readonly string[]): Promise<number> {
  const { code, stdout, stderr } = await runScript(script, args);
  if (code !== 0) throw new Error(`${script}: ${stderr}`);
  return Number(stdout);
}
