/** What the system of trainings says of a person. */

/** Rejects where the system does not answer. */
export interface TrainingPort {
  /** Those that are completed and not run out. */
  completedBy(person: string): Promise<ReadonlySet<string>>;
}
