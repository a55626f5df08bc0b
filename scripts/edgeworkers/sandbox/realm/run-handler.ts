/** Runs one handler of the EdgeWorker on objects of its own realm, and tells what it did. */
import type { EventEffects, EventInput, EventName } from '../../event.ts';
import { drain, join } from './body.ts';
import { type Provided, providedBy } from './built-in/create-response.ts';
import { describeError } from './describe-error.ts';
import { createRequestObject, createRequestState, type RequestLimits, type RequestState } from './request-object.ts';
import { createResponseObject, createResponseState, type ResponseState } from './response-object.ts';

export interface Settlement {
  /** `effects` is JSON. */
  done(effects: string, body: Uint8Array | undefined): void;
  failed(message: string, effects: string | undefined, body: Uint8Array | undefined): void;
  /** A limit was hit. */
  excess(what: string): void;
}

type Handler = (request: object, response?: object) => unknown;

/** `input` is JSON, without the body. */
export function runHandler(
  handler: Handler,
  event: EventName,
  input: string,
  body: Uint8Array | undefined,
  limits: RequestLimits,
  settlement: Settlement,
): void {
  const { request, response } = JSON.parse(input) as EventInput;
  const onExcess = (what: string): void => settlement.excess(what);
  const state = createRequestState(request, limits, onExcess);
  const answer = response && createResponseState(response);
  const object = createRequestObject(event, request, state, body && new Uint8Array(body), limits, onExcess);
  const run = async (): Promise<void> => {
    const returned = await (answer ? handler(object, createResponseObject(answer)) : handler(object));
    if (event === 'responseProvider') await provide(providedBy(returned), state, settlement);
    else settlement.done(JSON.stringify(effectsOf(state, answer)), undefined);
  };
  run().catch((error: unknown) => settlement.failed(describeError(error), undefined, undefined));
}

/** Status and headers are out as soon as a response is returned: what fails later only cuts the body short. */
async function provide(provided: Provided, state: RequestState, settlement: Settlement): Promise<void> {
  const { body, ...built } = provided;
  const effects = JSON.stringify({ ...effectsOf(state, undefined), provided: built });
  const sent: Uint8Array[] = [];
  try {
    await drain(body, sent);
    settlement.done(effects, join(sent));
  } catch (error) {
    settlement.failed(describeError(error), effects, join(sent));
  }
}

const effectsOf = (
  { headers, variables, cacheKey, route, responded }: RequestState,
  answer: ResponseState | undefined,
): EventEffects => ({
  variables: variables.changed(),
  requestHeaders: headers.lines(),
  cacheKey,
  ...(route && { route }),
  ...(responded && { responded }),
  ...(answer && { response: { status: answer.status, headers: answer.headers.lines() } }),
});
