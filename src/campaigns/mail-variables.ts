/** What `{{…}}` may name in a message; the deliveries room fills it in. */
export const MAIL_VARIABLES = ['firstName', 'lastName', 'name', 'email', 'company', 'title', 'publisher'];

/** The names in a text that nothing fills in, each once. */
export function unknownVariables(text: string): string[] {
  const used = [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name]) => name ?? '');
  return [...new Set(used.filter((name) => !MAIL_VARIABLES.includes(name)))];
}
