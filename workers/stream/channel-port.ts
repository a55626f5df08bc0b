/** The channel, as the Worker sees it. */
import type { Channel } from './channel.ts';

/** What of a channel is reached by calls. */
export type ChannelStub = {
  readonly [Method in 'open' | 'head' | 'lines' | 'keys' | 'hear' | 'goodbye' | 'convergence' | 'offer' | 'takeKeys']: (
    ...of: Parameters<Channel[Method]>
  ) => Promise<Awaited<ReturnType<Channel[Method]>>>;
};

/** The channel did not answer: it failed, is overloaded, or moves. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError';
}

/** Rejects with a `ChannelError`. */
export type AskChannel = <T>(question: (channel: ChannelStub) => Promise<T>) => Promise<T>;

/** A stub for each question: one that has failed once goes on failing. */
export const createAskChannel =
  (stub: () => ChannelStub): AskChannel =>
  async (question) => {
    try {
      return await question(stub());
    } catch (error) {
      throw new ChannelError(error instanceof Error ? error.message : String(error), { cause: error });
    }
  };
