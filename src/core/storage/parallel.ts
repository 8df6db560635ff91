/** Several files at a time: a disk that must force each to the platter answers more than one caller. */

/** Files that are worked on at once. */
const lanes = 4;

/**
 * Results in the order of the items. After a failure no further item is begun, and those under way are waited for.
 *
 * @throws what the first item that failed threw
 */
export async function mapInParallel<T, R>(items: readonly T[], action: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const failures: { readonly index: number; readonly error: unknown }[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results.set(index, await action(items[index] as T));
      } catch (error) {
        failures.push({ index, error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, work));
  const [first] = failures.sort((a, b) => a.index - b.index);
  if (first !== undefined) throw first.error;
  return items.map((_, index) => results.get(index) as R);
}
