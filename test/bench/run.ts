/** `npm run bench`: measures, prints, and on a whole run writes `results/`. */
import { measureAkamai } from './akamai/measure.ts';
import { CASES, type CaseName, isDecoding } from './cases.ts';
import { measureAudit } from './control/audit-measure.ts';
import { measureControl } from './control/measure.ts';
import { measureDistribution } from './distribution/measure.ts';
import { measureEmit } from './emit/measure.ts';
import { measureGuardrails } from './guardrails/measure.ts';
import { measureIngest } from './ingest/measure.ts';
import { measureCrypto } from './measure/crypto.ts';
import { type Measured, measureCase } from './measure/fleet.ts';
import { payloadSizes } from './measure/sizes.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { installPeers, peerVersions } from './peers/install.ts';
import { measureRelay } from './relay/measure.ts';
import { caseTable, cryptoTable, sizeTable, targetTable } from './report/markdown.ts';
import { type PartName, type Parts, partTexts } from './report/parts.ts';
import { replaceEvaluator, replaceParts } from './report/results-file.ts';
import { type Row, rowsOf } from './report/rows.ts';
import { allMet, outcomesOf } from './report/targets.ts';
import { SUBJECTS } from './subject.ts';

const METHOD = [
  'Times: each subject runs in processes of its own, warmed up, in turn with the others, in rounds of about 12 ms; ' +
    'a figure is the fastest round of a process, and of several processes the median. Compare within a run only.',
  'Bytes: growth of the heap over warm runs between which nothing was collected; for decoding, what the opened ' +
    'payload retains after a collection, its text included where the subject keeps it (median of 9).',
  'Floor of e: JSON.parse of the same ruleset entries as one document.',
  'Mix of d and e: 50 % on/off (a quarter of them off), 30 % percentage splits, 20 % five rules and a three-way split.',
];

/** Process sets and rounds: enough for the fastest to be found on a noisy machine. */
const effort = (name: CaseName, quick: boolean): { sets: number; rounds: number } => {
  if (quick) return { sets: 1, rounds: isDecoding(name) ? 8 : 15 };
  return { sets: 3, rounds: isDecoding(name) ? 12 : 40 };
};

async function measure(name: CaseName, { quick, subjects }: Options): Promise<Row[]> {
  const { sets, rounds } = effort(name, quick);
  const found: Measured[][] = [];
  for (let set = 0; set < sets; set++) {
    console.error(`case ${name}: process set ${set + 1} of ${sets} ...`);
    found.push(await measureCase(name, subjects, rounds, set === 0));
  }
  return rowsOf(name, found);
}

async function measureParts({ parts, quick }: Options): Promise<Parts> {
  let measured: Parts = {};
  for (const name of parts) {
    console.error(`case ${name} ...`);
    const part = await measurePart(name, quick);
    for (const [, text] of partTexts(part)) console.log(`${text}\n`);
    measured = { ...measured, ...part };
  }
  return measured;
}

async function measurePart(name: PartName, quick: boolean): Promise<Parts> {
  switch (name) {
    case 'akamai':
      return { akamai: await measureAkamai(quick) };
    case 'control':
      return { control: await measureControl(quick) };
    case 'audit':
      return { audit: await measureAudit(quick) };
    case 'emit':
      return { emit: await measureEmit(quick) };
    case 'relay':
      return { relay: await measureRelay(quick) };
    case 'distribution':
      return { distribution: await measureDistribution(quick) };
    case 'guardrails':
      return { guardrails: await measureGuardrails(quick) };
    case 'ingest':
      return { ingest: await measureIngest(quick) };
    default:
      return name satisfies never;
  }
}

async function run(options: Options): Promise<boolean> {
  if (options.subjects.length > 2 && options.cases.length > 0) installPeers();
  const rows: Row[] = [];
  for (const name of options.cases) {
    rows.push(...(await measure(name, options)));
    console.log(caseTable(name, rows));
  }
  const decoding = options.cases.some(isDecoding);
  const sizes = decoding ? await payloadSizes(options.subjects) : [];
  const crypto = decoding ? await measureCrypto() : [];
  if (decoding) console.log(`${sizeTable(sizes)}\n\n${cryptoTable(crypto)}\n`);
  const parts = await measureParts(options);
  const { version, versions } = process;
  const measured = { method: METHOD, results: rows, sizes, crypto, ...parts };
  const outcomes = outcomesOf(measured);
  console.log(targetTable(outcomes.filter(({ met }) => met !== undefined)));
  const isWhole = options.cases.length === CASES.length && options.subjects.length === SUBJECTS.length;
  if (options.quick) return allMet(outcomes);
  if (isWhole) replaceEvaluator({ node: version, v8: versions.v8, peers: peerVersions(), ...measured });
  else if (options.cases.length === 0) replaceParts(parts);
  return allMet(outcomes);
}

/** The command line; undefined, and said why, where it makes no sense. */
function optionsOrComplaint(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return undefined;
  }
}

const options = optionsOrComplaint();
if (options === undefined) process.exitCode = 2;
else if (options.help) console.log(HELP);
else if (!(await run(options)) && options.check) process.exitCode = 1;
