/** Where an environment's ruleset lies in Workers KV: one key, written whole at creation and at each publish. See `edgekv/README.md`. */
export const rulesetKey = (environment: string): string => `ruleset:${environment}`;

/** Stored beside the value, so that a writer can compare versions without reading it. */
export interface RulesetMetadata {
  readonly version: number;
  readonly sha256: string;
}
