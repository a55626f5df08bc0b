/** What a relay tells Prometheus: how old its word is, first of all. Values are looked up when they are asked for. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { AcksBelow } from './acks-below.ts';
import type { HeldCache } from './held.ts';
import type { PageStreams } from './page-streams.ts';
import type { RequestCounts } from './request-counts.ts';
import type { SdkStreams } from './sdk-streams.ts';
import type { UpstreamPort } from './upstream-port.ts';

export interface MetricsOptions {
  readonly rulesets: HeldCache;
  readonly keys: HeldCache;
  readonly sdks: Pick<SdkStreams, 'count' | 'cut'>;
  readonly pages: Pick<PageStreams, 'count' | 'cut'>;
  readonly acks: Pick<AcksBelow, 'count'>;
  readonly requests: Pick<RequestCounts, 'all'>;
  readonly upstream: Pick<UpstreamPort, 'status'>;
  readonly disk: () => { readonly alarm: string | undefined } | undefined;
}

export interface RelayMetrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** A version was refused here. */
  refused(code: string): void;
}

export function createMetrics(options: MetricsOptions): RelayMetrics {
  const { rulesets, keys, sdks, pages, acks, requests, upstream, disk } = options;
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, value: () => number): Gauge =>
    new Gauge({
      ...{ name: `lockstep_relay_${name}`, help, registers },
      collect() {
        this.set(value());
      },
    });
  const isTrue = (value: boolean): number => (value ? 1 : 0);

  gauge('staleness_age_seconds', 'Since home last gave or confirmed what is served; -1 before it ever did.', () => {
    const { ageMs } = rulesets.status();
    return ageMs === undefined ? -1 : ageMs / 1_000;
  });
  gauge('stale', 'Whether that is longer than STALE_AFTER_MS, or the ruleset has expired.', () =>
    isTrue(rulesets.status().stale),
  );
  gauge('expired', 'Whether the ruleset in force has expired: it is served all the same.', () =>
    isTrue(rulesets.status().expired),
  );
  gauge('applied_version', 'The version in force; 0 before any.', () => rulesets.status().version ?? 0);
  gauge('keys_version', 'The version of the keys document in force; 0 before any.', () => keys.status().version ?? 0);
  gauge('keys_stale', 'Whether revoked keys may still be taken.', () => isTrue(keys.status().stale));
  gauge('upstream_connected', 'Whether there is a stream from home.', () => isTrue(upstream.status().connected));
  gauge('flapping', 'Whether good and bad rulesets take turns.', () => isTrue(rulesets.status().flapping));
  new Gauge({
    ...{ name: 'lockstep_relay_connected', help: 'Open streams.', labelNames: ['kind'], registers },
    collect() {
      this.set({ kind: 'sdk' }, sdks.count('sdk'));
      this.set({ kind: 'relay' }, sdks.count('relay'));
      this.set({ kind: 'page' }, pages.count());
    },
  });
  const nacks = new Counter({
    ...{
      name: 'lockstep_relay_nacks_total',
      help: 'Versions that were refused here.',
      labelNames: ['code'],
      registers,
    },
  });
  gauge('below_heard', 'Instances below that acknowledged lately.', () => acks.count().heard);
  gauge('below_refusing', 'Those of them whose last word was a refusal.', () => acks.count().refusing);
  const total = (name: string, help: string, value: () => number): Counter =>
    new Counter({
      ...{ name: `lockstep_relay_${name}_total`, help, registers },
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  total('streams_cut', 'Streams whose clients did not read.', () => sdks.cut() + pages.cut());
  gauge('disk_alarm', 'Whether rulesets cannot be read from, or written to, the disk.', () =>
    isTrue(disk()?.alarm !== undefined),
  );
  new Counter({
    ...{ name: 'lockstep_relay_requests_total', help: 'Requests that were answered.', registers },
    labelNames: ['route', 'status'],
    collect() {
      this.reset();
      for (const { route, status, count } of requests.all()) this.inc({ route, status }, count);
    },
  });

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    refused: (code) => nacks.inc({ code }),
  };
}
