/** What is measured of the control plane. */

/** `late`: 1,000 flags, behind a log of 100,000 entries. */
export const SIZES = ['10', '1000', '5000', 'late'] as const;
export type Size = (typeof SIZES)[number];

/** What of a change: until it is answered, from its commit to the publisher's call, and from the publisher's answer until it is in the log. */
export const STAGES = ['command', 'call', 'acknowledge'] as const;
export type Stage = (typeof STAGES)[number];

export type ControlCase = `control-${Stage}-${Size}`;

/** Lines of the export as an organisation at work leaves them, or all of one size. */
export const AUDIT_CASES = ['audit-real', 'audit-512', 'audit-1024', 'audit-2048'] as const;
export type AuditCase = (typeof AUDIT_CASES)[number];

export const isControl = (name: string): boolean => name.startsWith('control-');
export const isAudit = (name: string): boolean => name.startsWith('audit-');

export const STAGE_TITLES: Readonly<Record<Stage, string>> = {
  command:
    'one flag changed: from the order to its answer; ns. The floor is its own transaction again, on a copy of the store',
  call: 'from the end of that transaction to the call of the publisher; ns',
  acknowledge: "from the publisher's answer until it is in the log; ns",
};

export const SIZE_TITLES: Readonly<Record<Size, string>> = {
  '10': '10 flags',
  '1000': '1,000 flags',
  '5000': '5,000 flags',
  late: '1,000 flags, a long log',
};

export const AUDIT_TITLES: Readonly<Record<AuditCase, string>> = {
  'audit-real': "the marketplace's flags changed, each publish acknowledged",
  'audit-512': 'lines of 512 bytes',
  'audit-1024': 'lines of 1,024 bytes',
  'audit-2048': 'lines of 2,048 bytes',
};
