/** MongoDB's code of a write that another row's unique key stands against (DuplicateKey). */
const DUPLICATE_KEY = 11_000;

/** Whether a write failed because somebody else's row has that unique key already: for the race that an index decides. */
export const isDuplicateKey = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === DUPLICATE_KEY;
