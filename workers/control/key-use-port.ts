/** When SDK keys were last used, as ingest heard it from POPs, relays and the stream (docs/sdk-keys.md). A fake is in test/unit/control-worker/fixtures. */

export interface KeyUsePort {
  /** By the digest of the key, in milliseconds since 1970, to the minute. Empty where nothing is known; never throws. */
  lastUsed(environment: string): Promise<ReadonlyMap<string, number>>;
}

export interface IngestAddress {
  /** Without a slash at its end. */
  readonly url: string;
  /** Of kind `control`. */
  readonly key: string;
}
