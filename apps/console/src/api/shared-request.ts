/** Milliseconds within which those who ask share an answer; one that never comes must not hide that the API has gone. */
const sharedFor = 2_000;

/** A question to the API that several parts of the console ask at the same time: asked once for all of them. */
export function createAsking<T>(ask: () => Promise<T>) {
  let last: { since: number; answer: Promise<T>; isUnderWay: boolean } | undefined;

  function anew(): Promise<T> {
    const mine = { since: performance.now(), answer: ask(), isUnderWay: true };
    last = mine;
    mine.answer.then(
      () => {
        mine.isUnderWay = false;
      },
      () => {
        if (last === mine) last = undefined;
      },
    );
    return mine.answer;
  }

  const recent = () => (last && performance.now() - last.since <= sharedFor ? last : undefined);
  return {
    /** What is so now: asks, unless a question is on its way. */
    now: (): Promise<T> => {
      const known = recent();
      return known?.isUnderWay ? known.answer : anew();
    },
    /** What was so a moment ago is enough, as for a page that is loaded because of that answer. */
    lately: (): Promise<T> => recent()?.answer ?? anew(),
  };
}
