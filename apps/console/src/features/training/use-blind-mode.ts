import type { ChangeView } from '#lists/use-view.ts';
import { useStore } from '#state/store.ts';
import { notify } from '#ui/notify.tsx';
import { blindMode } from './browser-review.ts';
import { reviewTexts as texts } from './texts.ts';
import { passOf, type TrainingView, withoutTelling } from './view.ts';

/** Blind mode and its switch; switched on, it leaves filters and orders that tell what it hides. */
export function useBlindMode(view: TrainingView, onChange: ChangeView<TrainingView>) {
  const blind = useStore(blindMode);
  const toggle = () => {
    blindMode.set(!blind);
    const hiding = withoutTelling(view);
    if (blind || passOf(hiding) === passOf(view)) return;
    onChange(hiding);
    notify(texts.blindView);
  };
  return { blind, toggle };
}
