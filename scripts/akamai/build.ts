/** `npm run build:akamai`: writes the EdgeWorker's bundles, reads them back, and says whether Akamai would take them. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOptions } from '../cli/read-options.ts';
import { table } from '../cli/table.ts';
import { BundleRefusal } from '../edgeworkers/bundle/bundle-refusal.ts';
import { readBundle } from '../edgeworkers/bundle/read-bundle.ts';
import { bundleAkamai, FLAVOURS, type Flavour, mainModule, PARTS, type Part } from './bundle.ts';
import { type Check, checkBundle, SETTINGS, TOKENS } from './check-bundle.ts';

const HELP = `Usage: npm run build:akamai -- [options]

Writes lockstep-<version>-<part>-<flavour>.tgz: what Akamai takes as code bundles (docs/akamai.md).

  --version <text>   edgeworker-version: at most 32 of [A-Za-z0-9_.~-]; by default the package's, and a digest of what is in the bundles
  --settings <file>  takes the place of lockstep-settings.js
  --tokens <file>    takes the place of edgekv_tokens.js
  --part <name>      pages (decides for pages), ofrep (answers OFREP), or both (default): an EdgeWorker ID each
  --flavour <name>   module, lru (an instance keeps its view in the platform's lru-cache), or both (default)
  --out <folder>     dist/akamai by default
  --json             the report as JSON
  --help             this text

Exit codes: 0 written, 1 refused: what is refused is not kept, and nothing is built after it.`;

interface Built {
  readonly path: string;
  readonly part: Part;
  readonly flavour: Flavour;
  readonly version: string;
  readonly bytes: number;
  readonly checks: readonly Check[];
}

const isFailed = ({ verdict }: Check): boolean => verdict === 'failed';
const isRefused = ({ checks }: Built): boolean => checks.some(isFailed);

interface Sources {
  readonly settings?: string;
  readonly tokens?: string;
}

const options = readOptions(
  {
    version: { type: 'string' },
    settings: { type: 'string' },
    tokens: { type: 'string' },
    part: { type: 'string', default: 'both' },
    flavour: { type: 'string', default: 'both' },
    out: { type: 'string', default: 'dist/akamai' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  HELP,
);

/** By path in the bundle, what its maker calls it. */
const GIVEN: Readonly<Record<string, string>> = {
  ...(options.settings !== undefined && { [SETTINGS]: options.settings }),
  ...(options.tokens !== undefined && { [TOKENS]: options.tokens }),
};

async function run(): Promise<number> {
  const parts = chosen('--part', options.part, PARTS);
  const flavours = chosen('--flavour', options.flavour, FLAVOURS);
  const settings = options.settings === undefined ? {} : { settings: await sourceOf(options.settings) };
  const tokens = options.tokens === undefined ? {} : { tokens: await sourceOf(options.tokens) };
  const sources = { ...settings, ...tokens };
  const version = options.version ?? (await defaultVersion(sources));
  await mkdir(options.out, { recursive: true });
  const built: Built[] = [];
  const all = parts.flatMap((part) => flavours.map((flavour) => [part, flavour] as const));
  // What is wrong with somebody's files is so in each.
  while (built.length < all.length && !built.some(isRefused)) {
    const [part, flavour] = all[built.length] as (typeof all)[number];
    built.push(await write(part, flavour, version, sources));
  }
  if (options.json) console.log(JSON.stringify(built, null, 2));
  else console.log(built.map(reportOf).join('\n\n'));
  const refused = built.filter(isRefused);
  for (const { path, checks } of refused) {
    const faults = checks.filter(isFailed).map(({ check, found }) => `${check}: ${found}`);
    console.error(`build:akamai: ${path} is refused, and not kept: ${faults.join('; ')}`);
  }
  return refused.length === 0 ? 0 : 1;
}

async function write(part: Part, flavour: Flavour, version: string, sources: Sources): Promise<Built> {
  const tgz = await bundleAkamai({ part, flavour, version, ...sources });
  // The version is a part of the file's name: one that is none must not come as far.
  readBundle(tgz);
  const path = join(options.out, `lockstep-${version}-${part}-${flavour}.tgz`);
  await writeFile(path, tgz);
  const checks = await checkBundle(await readFile(path), part, { given: GIVEN, now: Date.now() });
  if (checks.some(isFailed)) await rm(path);
  return { path, part, flavour, version, bytes: tgz.byteLength, checks };
}

function chosen<T extends string>(option: string, name: string, all: readonly T[]): readonly T[] {
  const found = all.filter((one) => name === 'both' || name === one);
  if (found.length === 0) throw new RangeError(`${option} ${name}: must be ${all.join(', ')} or both`);
  return found;
}

const sourceOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch(({ code }: NodeJS.ErrnoException) => {
    throw new RangeError(`${file}: cannot be read (${code})`);
  });

/** Another for other content: the platform takes a version once. */
async function defaultVersion({ settings = '', tokens = '' }: Sources): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  const contents = [
    ...(await Promise.all(PARTS.flatMap((part) => FLAVOURS.map((flavour) => mainModule(flavour, part))))),
    settings,
    tokens,
  ];
  const digest = createHash('sha256').update(JSON.stringify(contents)).digest('hex').slice(0, 8);
  return `${version}-${digest}`;
}

function reportOf({ path, checks }: Built): string {
  const rows = checks.map(({ check, found, verdict }) => [verdict === 'failed' ? 'FAILED' : verdict, check, found]);
  return `${path}\n${table(rows)}`;
}

if (options.help) console.log(HELP);
else {
  try {
    process.exitCode = await run();
  } catch (error) {
    if (!(error instanceof BundleRefusal || error instanceof RangeError)) throw error;
    console.error(`build:akamai: ${error.message}`);
    process.exitCode = 1;
  }
}
