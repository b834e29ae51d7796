import { MediaState } from '@at/contracts/media';
import { flags } from '@at/contracts/vocabulary';

/** The fields of titles and media items that actions change. */
const fields: readonly string[] = [...flags, ...Object.keys(MediaState.properties)];

type Change<State> = { [F in keyof State]: { field: F; from: State[F]; to: State[F] } }[keyof State];

/** What differs between two states of a title or a media item, in the order of the vocabulary: jsonb has an order of its own. */
export function changesBetween<State extends object>(before: State, after: State): Change<State>[] {
  return (fields as (keyof State)[])
    .filter((field) => field in after && before[field] !== after[field])
    .map((field) => ({ field, from: before[field], to: after[field] }));
}
