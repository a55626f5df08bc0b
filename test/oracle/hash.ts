import xxhash from 'xxhash-wasm';

/** A salt's text, or its seed. */
export type Salt = string | number;

/** Section 4 of docs/evaluation.md. */
export type Hash = {
  /** XXH32 of the unit key's UTF-8 bytes, seed 0. */
  readonly unit: (unitKey: string) => number;
  /** The bucket of a unit under a salt, 0 to 99,999. */
  readonly bucket: (unitKey: string, salt: Salt) => number;
};

/** Loads XXH32 from a library that shares no code with any evaluator here. */
export async function loadHash(): Promise<Hash> {
  const { h32Raw } = await xxhash();
  const encoder = new TextEncoder();
  const hashText = (text: string) => h32Raw(encoder.encode(text), 0) >>> 0;
  const bucket = (unitKey: string, salt: Salt) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, hashText(unitKey), true);
    const h = h32Raw(bytes, typeof salt === 'number' ? salt : hashText(salt)) >>> 0;
    return Number((BigInt(h) * 100_000n) / 2n ** 32n);
  };
  return { unit: hashText, bucket };
}
