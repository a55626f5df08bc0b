/** The publisher: over HTTP for people and scripts, by service binding (`entrypoint = "Publisher"`) for the control plane. */
import { WorkerEntrypoint } from 'cloudflare:workers';
import { problemResponse } from '#http/problem';
import { type Bindings, SettingsError } from '#http/settings';
import { type Result, refused } from '#schema/result';
import type { PublishAnswer, ReturnAnswer, StatusAnswer } from './answers.ts';
import { createApp, type PressPort } from './app.ts';
import { readPublishRequest, readReturnRequest } from './read-request.ts';
import type { Refusal } from './refusal.ts';
import { problemOf, type RefusalProblem } from './refusal-problem.ts';
import { readPublisherSettings } from './settings.ts';

export { Press } from './press.ts';

const pressOf = (env: Env): PressPort => env.PRESS.getByName(env.ENVIRONMENT);

let app: ReturnType<typeof createApp> | undefined;

export default {
  fetch(request, env, context) {
    try {
      app ??= createApp(() => pressOf(env), readPublisherSettings(env as unknown as Bindings));
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      console.error(`settings: ${error.message}`);
      const detail = 'the Worker is not configured; see its log';
      return problemResponse({ status: 500, title: 'Misconfigured', detail });
    }
    return app.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;

/**
 * For Workers that are bound to the publisher: the binding is the permission. Requests are what the bodies of the HTTP routes are,
 * and are checked as those are; `actor` is who the journal names.
 */
export class Publisher extends WorkerEntrypoint<Env> {
  async publish(request: unknown, actor: string): Promise<Result<PublishAnswer, RefusalProblem>> {
    const read = readPublishRequest(request);
    return read.ok ? told(await pressOf(this.env).publish(read.value, named(actor))) : told(read);
  }

  async returnTo(request: unknown, actor: string): Promise<Result<ReturnAnswer, RefusalProblem>> {
    const read = readReturnRequest(request);
    return read.ok ? told(await pressOf(this.env).returnTo(read.value, named(actor))) : told(read);
  }

  async status(): Promise<StatusAnswer> {
    return pressOf(this.env).status();
  }
}

const told = <T>(answer: Result<T, Refusal | string>): Result<T, RefusalProblem> =>
  answer.ok ? answer : refused(problemOf(answer.error));

const MAX_ACTOR = 128;

const named = (actor: string): string => String(actor).slice(0, MAX_ACTOR) || 'service binding';
