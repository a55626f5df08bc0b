/**
 * Last-known-good on disk. What comes into force is written at once, as a candidate; once it has soaked it is good, and three good ones are
 * kept. Nothing is ever written over before what takes its place is whole. A disk that fails is told of, and tried again: nobody waits for it.
 */
import type { Generations } from '#ruleset/generations';
import { type RulesetCrypto, type VerifiedRuleset, verifyRuleset } from '#ruleset/verify';
import type { Nack } from '#sdk/stream/ack';
import type { Clock } from '#sdk/stream/clock';
import { afterBoot, type GuardState, readState, UNKNOWN, writeState } from './boot-guard.ts';
import { type Disk, type FileInfo, replaceFile } from './disk.ts';
import { fileOf, type GenerationName, MAX_FILE, nameOf, readName, textOf } from './generation-file.ts';

export interface LkgStoreOptions {
  readonly disk: Disk;
  readonly environment: string;
  readonly crypto: RulesetCrypto;
  readonly clock: Clock;
  /** Those that the cache tells what comes into force: they know what has soaked. */
  readonly generations: Generations;
  readonly keep?: number;
}

export interface Start {
  /** What to begin with; undefined where nothing on the disk can be used. */
  readonly ruleset: VerifiedRuleset | undefined;
  /** The newest version that this process's forerunners crashed with, where it is not begun with for that. */
  readonly nack: Nack | undefined;
}

export interface LkgStatus {
  /** The version that lies on the disk whole; undefined before any does. */
  readonly saved: number | undefined;
  /** What is wrong with the disk, where something is. */
  readonly alarm: string | undefined;
  readonly quarantined: readonly number[];
}

export interface LkgStore {
  /** Reads the disk, once, before anything else. Never rejects. */
  start(): Promise<Start>;
  /** To be told what is in force, at once: it is noted before anything can come of it, and written behind. */
  inForce(ruleset: VerifiedRuleset): void;
  /** Why a version must not come into force here: processes crashed with it. */
  barred(version: number): string | undefined;
  status(): LkgStatus;
  /** Writes what is not written yet, and notes that the process ends on purpose. Never rejects. */
  close(): Promise<void>;
}

const GUARD = 'guard.json';
const KEEP = 3;
/** How often the disk is looked at: what was lost there is back within 30 s. */
const LOOK_MS = 10_000;
/** Between two writes: where versions come by the second, the last of them is written. */
const PAUSE_MS = 1_000;

export function createLkgStore(options: LkgStoreOptions): LkgStore {
  const { disk, environment, crypto, clock, generations, keep = KEEP } = options;
  let guard: GuardState = UNKNOWN;
  let current: VerifiedRuleset | undefined;
  /** The header that was written last, and how large its file is. */
  let saved: { readonly version: number; readonly header: string; readonly bytes: number } | undefined;
  let alarm: string | undefined;
  let writing: Promise<void> | undefined;
  let cancelNext = (): void => {};
  let isClosed = false;

  const barred = (version: number): string | undefined =>
    guard.quarantined.some(([one]) => one === version)
      ? `version ${version} ended this process more than once`
      : undefined;

  function failed(error: unknown): undefined {
    alarm = error instanceof Error ? error.message : String(error);
  }

  function note(state: GuardState): void {
    guard = state;
    try {
      disk.note(GUARD, writeState(guard));
    } catch (error) {
      failed(error);
    }
  }

  async function readGuard(): Promise<GuardState> {
    try {
      return readState(Buffer.from(await disk.read(GUARD)).toString('utf8'));
    } catch {
      return UNKNOWN;
    }
  }

  async function readOne({ name, bytes }: FileInfo): Promise<VerifiedRuleset | undefined> {
    if (bytes > MAX_FILE) return undefined;
    try {
      const text = textOf(await disk.read(name));
      const verified = text === undefined ? undefined : await verifyRuleset(text, environment, crypto);
      return verified?.ok ? verified.value : undefined;
    } catch {
      return undefined;
    }
  }

  /** The newest that can be used. */
  async function best(isBarred: (version: number) => boolean): Promise<Found | undefined> {
    for (const file of await generationsOn(disk)) {
      if (isBarred(file.version)) continue;
      const ruleset = await readOne(file);
      // A file that was renamed by hand is not what its name says.
      if (ruleset?.claims.version === file.version) return { ruleset, bytes: file.bytes };
      alarm = `${file.name} is broken`;
    }
    return undefined;
  }

  /** Where there is nothing to step back to, what crashed before is better than nothing. */
  async function begin(): Promise<Found | undefined> {
    const found = await best((version) => barred(version) !== undefined);
    if (found !== undefined || guard.quarantined.length === 0) return found;
    guard = { ...guard, quarantined: [] };
    return best(() => false);
  }

  /** One write after the other, the latest of what is in force; what fails is tried again when the disk is looked at next. */
  function write(): Promise<void> {
    cancelNext();
    writing ??= upkeep()
      .catch(failed)
      .finally(() => {
        writing = undefined;
        if (!isClosed) cancelNext = clock.after(isSaved() || alarm !== undefined ? LOOK_MS : PAUSE_MS, write);
      });
    return writing;
  }

  const isSaved = (): boolean => current === undefined || saved?.header === current.header;

  async function upkeep(): Promise<void> {
    const files = await generationsOn(disk);
    const ruleset = current;
    if (ruleset !== undefined) await keepCurrent(ruleset, files);
    await promote(files);
    await prune();
    alarm = undefined;
  }

  async function keepCurrent({ claims: { version }, header, reader }: VerifiedRuleset, files: Files): Promise<void> {
    const there = files.find((one) => one.version === version);
    if (there !== undefined && saved?.header === header && saved.bytes === there.bytes) return;
    const bytes = fileOf(`${header}\n${reader.lines}`);
    await replaceFile(disk, nameOf({ version, standing: there?.standing ?? 'candidate' }), bytes);
    saved = { version, header, bytes: bytes.byteLength };
  }

  /** What has soaked is known to be good. */
  async function promote(before: Files): Promise<void> {
    const version = generations.known()[0]?.ruleset.claims.version;
    const isThere = version === saved?.version || before.some((one) => one.version === version);
    if (version === undefined || !isThere || before.some((one) => isGood(one) && one.version === version)) return;
    await disk.rename(nameOf({ version, standing: 'candidate' }), nameOf({ version, standing: 'good' }));
    await disk.syncFolder();
  }

  /** The newest good ones stay, the newest candidates too: all of them where there is no good one to step back to. */
  async function prune(): Promise<void> {
    const files = await generationsOn(disk);
    const good = files.filter(isGood);
    const candidates = files.filter((one) => !isGood(one));
    const spare = [...good.slice(keep), ...candidates.slice(good.length > 0 ? 1 : keep)];
    for (const { name, version } of spare) if (version !== current?.claims.version) await disk.remove(name);
  }

  return {
    async start() {
      guard = afterBoot(await readGuard(), clock.now());
      const found = await begin().catch(failed);
      current = found?.ruleset;
      // It is as it was written: no need to write it again.
      saved = found && { version: found.ruleset.claims.version, header: found.ruleset.header, bytes: found.bytes };
      note({ ...guard, running: saved?.version ?? 0, ended: false });
      cancelNext = clock.after(LOOK_MS, write);
      const version = Math.max(0, ...guard.quarantined.map(([one]) => one));
      const message = version > (saved?.version ?? 0) ? barred(version) : undefined;
      return { ruleset: current, nack: message === undefined ? undefined : { code: 'crashed', version, message } };
    },
    inForce(ruleset) {
      current = ruleset;
      if (ruleset.claims.version !== guard.running) note({ ...guard, running: ruleset.claims.version });
      if (writing === undefined && !isClosed) {
        cancelNext();
        cancelNext = clock.after(0, write);
      }
    },
    barred,
    status: () => ({ saved: saved?.version, alarm, quarantined: guard.quarantined.map(([version]) => version) }),
    async close() {
      if (isClosed) return;
      isClosed = true;
      await writing;
      cancelNext();
      if (!isSaved()) await write();
      note({ ...guard, ended: true });
    },
  };
}

type Files = readonly (GenerationName & FileInfo)[];

/** Newest first. */
async function generationsOn(disk: Disk): Promise<Files> {
  const files = await disk.list();
  return files
    .flatMap((file) => {
      const name = readName(file.name);
      return name === undefined ? [] : [{ ...file, ...name }];
    })
    .sort((a, b) => b.version - a.version || (isGood(a) ? -1 : 1));
}

const isGood = ({ standing }: GenerationName): boolean => standing === 'good';

interface Found {
  readonly ruleset: VerifiedRuleset;
  /** Of its file. */
  readonly bytes: number;
}
