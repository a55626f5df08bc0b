/** What is measured beside the evaluator: each with a floor of its own, so that its figures need not be of the same run. */
import { isAkamai } from '../akamai/cases.ts';
import { akamaiText } from '../akamai/markdown.ts';
import type { AkamaiFigures } from '../akamai/measure.ts';
import type { AuditFigures } from '../control/audit-measure.ts';
import { isAudit, isControl } from '../control/cases.ts';
import { auditText, controlText } from '../control/markdown.ts';
import type { ControlFigures } from '../control/measure.ts';
import { isDistribution } from '../distribution/cases.ts';
import { distributionText } from '../distribution/markdown.ts';
import type { DistributionFigures } from '../distribution/measure.ts';
import { isEmit } from '../emit/cases.ts';
import { emitText } from '../emit/markdown.ts';
import type { EmitFigures } from '../emit/measure.ts';
import { isGuardrails } from '../guardrails/cases.ts';
import { guardrailsText } from '../guardrails/markdown.ts';
import type { GuardrailFigures } from '../guardrails/measure.ts';
import { isIngest } from '../ingest/cases.ts';
import { ingestText } from '../ingest/markdown.ts';
import type { IngestFigures } from '../ingest/measure.ts';
import { isRelay } from '../relay/cases.ts';
import { relayText } from '../relay/markdown.ts';
import type { RelayFigures } from '../relay/measure.ts';

export interface Parts {
  readonly akamai?: AkamaiFigures;
  readonly control?: ControlFigures;
  readonly audit?: AuditFigures;
  readonly emit?: EmitFigures;
  readonly relay?: RelayFigures;
  readonly distribution?: DistributionFigures;
  readonly guardrails?: GuardrailFigures;
  readonly ingest?: IngestFigures;
}

export const PARTS = [
  'akamai',
  'control',
  'audit',
  'emit',
  'relay',
  'distribution',
  'guardrails',
  'ingest',
] as const satisfies readonly (keyof Parts)[];
export type PartName = (typeof PARTS)[number];

/** Whether a row is of that part. */
export const PART_ROWS: Readonly<Record<PartName, (name: string) => boolean>> = {
  akamai: isAkamai,
  control: isControl,
  audit: isAudit,
  emit: isEmit,
  relay: isRelay,
  distribution: isDistribution,
  guardrails: isGuardrails,
  ingest: isIngest,
};

/** The text of each that was measured, by title. */
export const partTexts = ({
  akamai,
  control,
  audit,
  emit,
  relay,
  distribution,
  guardrails,
  ingest,
}: Parts): readonly (readonly [title: string, text: string])[] => [
  ...(akamai ? [['The EdgeWorker in its harness', akamaiText(akamai)] as const] : []),
  ...(control ? [['The control plane', controlText(control)] as const] : []),
  ...(audit ? [['Verifying a log', auditText(audit)] as const] : []),
  ...(emit ? [['Emitting exposures', emitText(emit)] as const] : []),
  ...(relay ? [['A relay', relayText(relay)] as const] : []),
  ...(distribution ? [['Distribution', distributionText(distribution)] as const] : []),
  ...(guardrails ? [['The guardrails', guardrailsText(guardrails)] as const] : []),
  ...(ingest ? [['Ingest', ingestText(ingest)] as const] : []),
];
