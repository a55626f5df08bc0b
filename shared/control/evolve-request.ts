/** What happened to change requests. */
import type { RequestEvent } from './event.ts';
import { get, remove, set } from './persistent-map.ts';
import type { ChangeRequest, State } from './state.ts';

export function evolveRequest(state: State, event: RequestEvent): State {
  switch (event.type) {
    case 'request-opened':
      return { ...state, requests: set(state.requests, event.request.id, event.request) };
    case 'request-amended': {
      const { change, hash, by, at, status, effects, requirements, bytes } = event;
      return changed(state, event.request, ({ held: _held, ...request }) => ({
        ...request,
        ...{ change, hash, status, effects, requirements, amendedAt: at, approvals: [] },
        ...(bytes !== undefined && { bytes }),
        editors: request.editors.some(({ id }) => id === by.id) ? request.editors : [...request.editors, by],
      }));
    }
    case 'request-approved':
      return changed(state, event.request, (request) => ({
        ...request,
        status: event.status,
        approvals: [...request.approvals, event.approval],
      }));
    case 'request-held':
      return changed(state, event.request, (request) => ({ ...request, held: event.why }));
    case 'approvals-voided': {
      const { effects, requirements, why } = event;
      const open = { status: 'open', approvals: [], effects, requirements, held: why } as const;
      return changed(state, event.request, (request) => ({ ...request, ...open }));
    }
    case 'request-voided':
      return changed(state, event.request, (request) => ({
        ...request,
        ...{ status: 'voided', approvals: [], held: event.why },
      }));
    case 'request-declined':
    case 'request-withdrawn':
    case 'request-applied':
      return { ...state, requests: remove(state.requests, event.request) };
    default:
      return event satisfies never;
  }
}

function changed(state: State, id: string, change: (request: ChangeRequest) => ChangeRequest): State {
  const request = get(state.requests, id);
  if (request === undefined) throw new Error(`the log speaks of change request ${id}, which is not open`);
  return { ...state, requests: set(state.requests, id, change(request)) };
}
