/** What lies in Workers KV under which key; each is written whole at each publish. See `edgekv/README.md`. */
export const rulesetKey = (environment: string): string => `ruleset:${environment}`;
export const keysKey = (environment: string): string => `keys:${environment}`;

/** Stored beside the value, so that a writer can compare versions without reading it. */
export interface RulesetMetadata {
  readonly version: number;
  readonly sha256: string;
}
