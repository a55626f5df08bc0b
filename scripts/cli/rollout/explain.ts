/** `lockstep rollout explain`: what guardrails make of statistics. Asks nobody. */
import type { VerdictKind } from '#rollout/evidence/verdict';
import { type Explanation, explain } from '#rollout/machine/explain';
import { MAX_STATISTICS_FILE, type RolloutStatistics, rolloutStatistics } from '#schema/rollout-statistics';
import { CommandError } from '../command-error.ts';
import { fileText } from '../control/file-text.ts';
import { safeJson } from '../control/safe-json.ts';
import { explanationText } from './explanation-text.ts';

export interface ExplainOptions {
  readonly from: string;
  readonly json: boolean;
}

/** Issues of the file that are told. */
const SHOWN = 10;

export async function explainRollout({ from, json }: ExplainOptions): Promise<number> {
  try {
    const explanation = explanationOf(from, await fileText(from));
    console.log(json ? safeJson(explanation) : explanationText(explanation));
    return EXIT_CODES[explanation.verdict];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(error.message);
    return 2;
  }
}

const EXIT_CODES: Readonly<Record<VerdictKind, number>> = {
  PASS: 0,
  FAIL: 1,
  INCONCLUSIVE: 3,
  NO_DATA: 3,
  UNHEALTHY: 3,
};

function explanationOf(from: string, text: string): Explanation {
  const explained = explain(statisticsIn(from, text));
  if (!explained.ok) throw new CommandError(`${from}: ${explained.error}`);
  return explained.value;
}

function statisticsIn(from: string, text: string): RolloutStatistics {
  if (text.length > MAX_STATISTICS_FILE)
    throw new CommandError(`${from}: has ${text.length} characters, at most ${MAX_STATISTICS_FILE} are read`);
  const parsed = rolloutStatistics.safeParse(jsonIn(from, text));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, SHOWN)
    .map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  throw new CommandError(issues.map((issue) => `${from}: ${issue}`).join('\n'));
}

function jsonIn(from: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`${from}: is no JSON (${(error as Error).message})`);
  }
}
