/** Verifies long exports offline, in turn with SHA-256 over the same bytes; CPU of the whole process, other threads included. */
import { createHash, hash } from 'node:crypto';
import { verifyExport } from '#control/audit/verify-export';
import { median } from '../report/rows.ts';
import { type AuditExport, createAuditExport, entryOfSize, entryTextsOf } from './audit-export.ts';
import { AUDIT_CASES, type AuditCase } from './cases.ts';
import { readMarketplace } from './marketplace.ts';
import { openOrganisation } from './organisation.ts';

export interface AuditRow {
  readonly case: AuditCase;
  readonly subject: 'lockstep' | 'floor';
  /** CPU for the whole export; the median. */
  readonly ns: number;
  /** Of the export. */
  readonly bytes: number;
}

export interface AuditFigures {
  readonly rows: readonly AuditRow[];
  readonly entries: number;
  /** Of `audit-real`, over the floor: the first time that the process verifies anything, nothing of which is optimised yet. */
  readonly firstOverFloor: number;
}

const FLAGS = 100;
const CHANGES = 300;

export async function measureAudit(quick: boolean): Promise<AuditFigures> {
  const entries = quick ? 20_000 : 100_000;
  const rows: AuditRow[] = [];
  let first: number | undefined;
  for (const name of AUDIT_CASES) {
    const log = await createAuditExport(await entriesOf(name), entries);
    first ??= await cpuOf(() => verify(log, entries));
    const times = await takeTurns(log, entries, quick ? 5 : 15);
    for (const [subject, ns] of times) rows.push({ case: name, subject, ns, bytes: log.bytes });
  }
  const floor = rows.find((row) => row.case === AUDIT_CASES[0] && row.subject === 'floor')?.ns ?? Number.NaN;
  return { rows, entries, firstOverFloor: (first ?? Number.NaN) / floor };
}

async function entriesOf(name: AuditCase): Promise<readonly string[]> {
  if (name !== 'audit-real') return [entryOfSize(Number(name.split('-')[1]))];
  const organisation = await openOrganisation(await readMarketplace(), FLAGS);
  try {
    // Those of the founding are as large as all flags together.
    const founding = organisation.entries();
    for (let change = 0; change < CHANGES; change++) await organisation.change();
    return entryTextsOf(organisation.leaves(founding, 2 * CHANGES));
  } finally {
    organisation.close();
  }
}

async function takeTurns(
  log: AuditExport,
  entries: number,
  rounds: number,
): Promise<readonly (readonly [AuditRow['subject'], number])[]> {
  const times = { lockstep: [] as number[], floor: [] as number[] };
  for (let round = -2; round < rounds; round++) {
    const floor = await cpuOf(() => digestOf(log));
    const lockstep = await cpuOf(() => verify(log, entries));
    if (round < 0) continue;
    times.floor.push(floor);
    times.lockstep.push(lockstep);
  }
  return (['lockstep', 'floor'] as const).map((subject) => [subject, Math.round(median(times[subject]))]);
}

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const from = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(from);
  return (user + system) * 1_000;
}

async function digestOf({ chunks }: AuditExport): Promise<string> {
  const digest = createHash('sha256');
  for (const chunk of chunks) digest.update(chunk);
  return digest.digest('base64url');
}

/** As `lockstep audit verify` does. */
async function verify({ chunks, verifier }: AuditExport, entries: number): Promise<void> {
  const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'base64url');
  const report = await verifyExport(chunks, { verifiers: [verifier], sha256 });
  if (!report.ok || report.proven !== entries) throw new Error(JSON.stringify(report.faults));
}
