/** Why a PDF can't be stamped or a master can't be used: a stable code, what is wrong, and what to do about it. */
export class StampError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly advice: string,
  ) {
    super(message);
    this.name = 'StampError';
  }
}
