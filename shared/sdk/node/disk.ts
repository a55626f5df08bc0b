/** One folder on a disk, as far as rulesets are kept in it. A port: tests cut it off at every byte. */

export interface FileInfo {
  readonly name: string;
  readonly bytes: number;
}

/** Everything rejects, or throws, where the disk is full, read-only or gone. */
export interface Disk {
  list(): Promise<readonly FileInfo[]>;
  read(name: string): Promise<Uint8Array>;
  /** Writes a file, or over one; what is written may be lost until it is synchronised. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  sync(name: string): Promise<void>;
  /** In the place of what had that name, at once or not at all. */
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Names are safe only now. */
  syncFolder(): Promise<void>;
  /** Writes a small file before it returns: it outlives the process, though not a loss of power. */
  note(name: string, text: string): void;
}

/** One at a time: what a process that was killed left there is written over by the next. */
const TEMPORARY = 'writing.tmp';

/** Ends as `name`; until the last step whatever had that name is as it was. */
export async function replaceFile(disk: Disk, name: string, bytes: Uint8Array): Promise<void> {
  await disk.write(TEMPORARY, bytes);
  await disk.sync(TEMPORARY);
  await disk.rename(TEMPORARY, name);
  await disk.syncFolder();
}
