/** Metrics as Prometheus reads them: its text exposition format, version 0.0.4. */
import type { MetricFamily, MetricSample } from './metric-family.ts';

export const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

export const prometheusText = (families: readonly MetricFamily[]): string =>
  families
    .map((family) => `${headOf(family)}${family.samples.map((one) => lineOf(family.name, one)).join('')}`)
    .join('');

const headOf = ({ name, help, type }: MetricFamily): string =>
  `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`;

function lineOf(name: string, { labels, value }: MetricSample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
