/** One golden case: what an evaluator of the file's ruleset must decide. */
export type VectorCase = {
  readonly name: string;
  readonly flag: string;
  readonly context: unknown;
  readonly place?: Readonly<Record<string, string>>;
  readonly expect: Readonly<Record<string, unknown>>;
};

/** One file of golden cases over one ruleset. */
export type VectorFile = {
  readonly specVersion: 1;
  readonly name: string;
  readonly description: string;
  readonly ruleset: { readonly version: number; readonly entries: readonly VectorEntry[] };
  readonly cases: readonly VectorCase[];
};

/** An entry of a ruleset as its line's JSON gives it. */
export type VectorEntry = { readonly k: string } & Readonly<Record<string, unknown>>;

/** Decides one case. */
export type VectorEvaluator = (
  flag: string,
  context: unknown,
  place: Readonly<Record<string, string>> | undefined,
) => unknown;

/** A case that was decided otherwise than the vectors say. */
export type VectorFailure = {
  readonly file: string;
  readonly name: string;
  readonly expected: unknown;
  readonly actual: unknown;
};

/** The outcome of a run. */
export type VectorReport = { readonly passed: number; readonly failed: readonly VectorFailure[] };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function definedKeys(value: Record<string, unknown>): string[] {
  return Object.keys(value).filter((key) => value[key] !== undefined);
}

/** Structural equality in which a property that is undefined is absent, and -0 is 0. */
export function isSame(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((element, index) => isSame(element, b[index]));
  }
  const keys = definedKeys(a);
  if (keys.length !== definedKeys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}

function decide(evaluate: VectorEvaluator, vector: VectorCase): unknown {
  try {
    return evaluate(vector.flag, vector.context, vector.place);
  } catch (error) {
    return { threw: String(error) };
  }
}

/** Runs all cases against an evaluator; needs nothing of its runtime, so that every SDK can use it. */
export function runVectors(
  files: readonly VectorFile[],
  makeEvaluator: (ruleset: VectorFile['ruleset']) => VectorEvaluator,
): VectorReport {
  const failed: VectorFailure[] = [];
  let passed = 0;
  for (const file of files) {
    const evaluate = makeEvaluator(file.ruleset);
    for (const vector of file.cases) {
      const actual = decide(evaluate, vector);
      if (isSame(vector.expect, actual)) passed++;
      else failed.push({ file: file.name, name: vector.name, expected: vector.expect, actual });
    }
  }
  return { passed, failed };
}
