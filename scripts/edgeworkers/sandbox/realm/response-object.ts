/** The response object of an event. Source: techdocs.akamai.com/edgeworkers/docs/response-object. */
import { createHeaderBag, type HeaderBag, type Lines } from './header-bag.ts';
import { checkStatus } from './header-rules.ts';

export interface ResponseState {
  status: number;
  readonly headers: HeaderBag;
}

export const createResponseState = ({ status, headers }: { readonly status: number; readonly headers: Lines }) => ({
  status,
  headers: createHeaderBag(headers),
});

export function createResponseObject(state: ResponseState): object {
  const { get, all, set, add, remove } = state.headers;
  return {
    get status() {
      return state.status;
    },
    set status(status: number) {
      state.status = checkStatus(status);
    },
    getHeader: get,
    getHeaders: all,
    setHeader: set,
    addHeader: add,
    removeHeader: remove,
  };
}
