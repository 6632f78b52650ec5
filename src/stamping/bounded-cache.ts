/** Keeps a cache bounded: the oldest entry goes. */
export function remember<T>(cache: Map<string, T>, limit: number, key: string, value: T): T {
  if (cache.size >= limit) {
    const oldest = cache.keys().next();
    if (!oldest.done) cache.delete(oldest.value);
  }
  cache.set(key, value);
  return value;
}
