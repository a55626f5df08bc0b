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

/** Decides one case; one that is somewhere else gives a promise. */
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
  const reports = files.map((file) => {
    const evaluate = makeEvaluator(file.ruleset);
    return reportOf(
      file,
      file.cases.map((vector) => decide(evaluate, vector)),
    );
  });
  return { passed: sum(reports), failed: reports.flatMap(({ failed }) => failed) };
}

/** The same against an evaluator that is somewhere else: one file after the other, and so many cases of a file at a time. */
export async function runVectorsRemotely(
  files: readonly VectorFile[],
  makeEvaluator: (file: VectorFile) => Promise<VectorEvaluator>,
  lanes: number,
): Promise<VectorReport> {
  const reports: VectorReport[] = [];
  for (const file of files) {
    const evaluate = await makeEvaluator(file);
    const actual: unknown[] = [];
    const rest = file.cases.entries();
    const lane = async (): Promise<void> => {
      for (const [at, vector] of rest) actual[at] = await decideRemotely(evaluate, vector);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    reports.push(reportOf(file, actual));
  }
  return { passed: sum(reports), failed: reports.flatMap(({ failed }) => failed) };
}

async function decideRemotely(evaluate: VectorEvaluator, vector: VectorCase): Promise<unknown> {
  try {
    return await evaluate(vector.flag, vector.context, vector.place);
  } catch (error) {
    return { threw: String(error) };
  }
}

function reportOf({ name: file, cases }: VectorFile, decisions: readonly unknown[]): VectorReport {
  const failed = cases.flatMap(({ name, expect: expected }, at): VectorFailure[] => {
    const actual = decisions[at];
    return isSame(expected, actual) ? [] : [{ file, name, expected, actual }];
  });
  return { passed: cases.length - failed.length, failed };
}

const sum = (reports: readonly VectorReport[]): number => reports.reduce((total, { passed }) => total + passed, 0);
