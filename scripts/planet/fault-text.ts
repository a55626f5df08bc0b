/** A fault on a link in a word or two. */
import type { LinkFault } from './faults.ts';

export function faultText(fault: LinkFault): string {
  switch (fault.fault) {
    case 'cut':
      return 'cut';
    case 'drop':
      return `drops ${Math.round(fault.share * 100)} %`;
    case 'delay':
      return `delayed by ${fault.ms} ms`;
    case 'lag':
      return `${fault.ms} ms behind`;
    default:
      return fault satisfies never;
  }
}
