export async function publish(): Promise<number> {
  return 0;
}
