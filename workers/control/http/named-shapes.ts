/** Shapes that the document of the API names, so that they stand in it once. */
import type * as z from 'zod';
import { auditActor, auditApproval, auditTarget } from '#schema/audit';
import { anyClause, authored, authoredFlag, authoredHoldout, authoredLayer, authoredSegment } from '#schema/authored';
import { operation, people } from '#schema/control-operation';
import { policy } from '#schema/control-policy';
import { scopes } from '#schema/control-principal';
import { done, effect, missingApproval, principalShown, requirement, waits } from './shapes.ts';
import { entryShape } from './shown-entry.ts';

export const NAMED_SHAPES: Readonly<Record<string, z.ZodType>> = {
  Clause: anyClause,
  ItemSet: authored,
  FlagBody: authoredFlag,
  SegmentBody: authoredSegment,
  LayerBody: authoredLayer,
  HoldoutBody: authoredHoldout,
  Operation: operation,
  People: people,
  Policy: policy,
  Scopes: scopes,
  Principal: principalShown,
  Requirement: requirement,
  MissingApproval: missingApproval,
  Effect: effect,
  Done: done,
  Waits: waits,
  AuditActor: auditActor,
  AuditApproval: auditApproval,
  AuditTarget: auditTarget,
  AuditEntry: entryShape,
};
