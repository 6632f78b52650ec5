import type { Doc } from '../../../../src/store/embedded/semantics';
import { spelled } from '../servers';
import type { Soften } from '../soften';

/** A command that two servers answer differently. */
export interface Difference {
  documents: Doc[];
  command: Doc;
  ours: Doc;
  theirs: Doc;
  /** What is compared is what a write left that was answered alike. */
  left?: boolean;
}

/** What the reference engine does otherwise than MongoDB, by name, each with a case that shows it. */
export interface Deviation {
  name: string;
  /** Where it may be seen at all. */
  when?: (difference: Difference) => boolean;
  /** Two answers that are the same afterwards differ by this; several may come together. */
  soften?: Soften;
  /** Everything else that it explains. */
  covers?: (difference: Difference) => boolean;
  documents: Doc[];
  command: Doc;
}

export const refused = (answer: Doc): boolean => 'error' in answer;
export const answered = ({ ours, theirs }: Difference): boolean => !refused(ours) && !refused(theirs);
export const stagesOf = ({ command }: Difference): Doc[] => (command['pipeline'] as Doc[] | undefined) ?? [];
export const updatesOf = ({ command }: Difference): Doc => (command['updates'] as Doc[] | undefined)?.[0] ?? {};
export const says =
  (...words: string[]) =>
  ({ command }: Difference): boolean =>
    words.some((word) => spelled(command).includes(word));
export const shows =
  (...words: string[]) =>
  ({ command }: Difference): boolean =>
    words.some((word) => spelled(command['projection'] ?? 0).includes(word));
export const said = ({ message }: Doc): string => String(message);
export const groups = (one: Difference): boolean => '$group' in (stagesOf(one).at(-1) ?? {});
export const changedNothing = ({ nModified }: Doc): boolean => nModified !== undefined && Number(nModified) === 0;
