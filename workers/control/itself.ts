/** Who the log and the publisher's journal name where nobody asked: the control plane. */
import type { System } from '#schema/control-principal';

export const ITSELF: System = { kind: 'system', id: 'lockstep' };
