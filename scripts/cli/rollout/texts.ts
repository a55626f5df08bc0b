/** Numbers of rollouts as people read them. */
import type { LimitName } from '#rollout/machine/judgement';

const DIGITS = 3;

/** To three digits: what it was measured by is no more exact. */
export function numberText(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en');
  if (value !== 0 && (Math.abs(value) >= 1e9 || Math.abs(value) < 1e-3)) return value.toExponential(DIGITS - 1);
  return Number(value.toPrecision(DIGITS)).toLocaleString('en', { maximumFractionDigits: 6 });
}

export const percentText = (share: number): string => `${numberText(share * 100)} %`;

export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60).toLocaleString('en')} h${rest === 0 ? '' : ` ${rest} min`}`;
}

export function limitText(limit: LimitName | null, value: number | null): string {
  if (limit === null || value === null) return "the monitor's own";
  const isShare = limit === 'maxRelativeIncrease' || limit === 'maxRelativeDecrease';
  return `${limit} ${isShare ? percentText(value) : numberText(value)}`;
}
