/** Pushes what is everybody's to each region, and hears what it then has. A region that was not reached asks by itself. */
import type { Ack } from '#schema/acks';

export interface RegionStub {
  /** What the region then has; undefined where nobody asks it. */
  push(text: string): Promise<Ack | undefined>;
}

export interface RegionTellerDeps {
  readonly regions: readonly string[];
  readonly regionOf: (region: string) => RegionStub;
  readonly heard: (word: Ack) => void;
}

export const createRegionTeller =
  ({ regions, regionOf, heard }: RegionTellerDeps) =>
  async (text: string): Promise<void> => {
    const tell = async (region: string): Promise<void> => {
      try {
        const word = await regionOf(region).push(text);
        if (word !== undefined) heard(word);
      } catch (error) {
        console.error(`region ${region}: ${error instanceof Error ? error.message : error}`);
      }
    };
    await Promise.all(regions.map(tell));
  };
