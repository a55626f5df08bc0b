/** What an HTTP shell answers, as plain data: platforms differ in what they make responses of. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Headers by name, in any case, as `Headers` has them. */
export interface HeaderValues {
  get(name: string): string | null;
}
