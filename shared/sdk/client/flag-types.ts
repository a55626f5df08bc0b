/** How a program's flags are typed: by what `lockstep types` writes, or not at all. */
import type { JsonValue } from '#core/decision';

/** The values that a flag serves, by its key. */
export type FlagShapes = Readonly<Record<string, JsonValue>>;

/** Keys of flags whose values are of one kind; any key where the flags are not typed. */
export type KeyOf<Flags, Kind> = string extends keyof Flags
  ? string
  : { [Key in keyof Flags]: Flags[Key] extends Kind ? Key : never }[keyof Flags] & string;

/** What a flag serves. */
export type ValueOf<Flags, Key, Kind> = string extends keyof Flags
  ? Kind
  : Key extends keyof Flags
    ? Flags[Key]
    : never;

export type JsonObject = { readonly [key: string]: JsonValue } | readonly JsonValue[];
