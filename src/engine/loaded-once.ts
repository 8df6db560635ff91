/** What is loaded with the first need of it, and shared. */

/** What could not be loaded is tried again by the next caller: a process may have too many files open for a moment. */
export function loadedOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
}
