import type { MediaRow } from '@at/contracts/media';
import type { ButtonProps } from '@mantine/core';
import { useStore } from '#state/store.ts';
import { once } from '#ui/double-clicks.ts';
import { ReasonButton } from '#ui/reason-button.tsx';
import { actionIcons } from './action-icons.ts';
import { likelyAction, type MediaAction, nameOf } from './items.ts';
import { act, writing } from './media-changes.ts';
import { mediaTexts as texts } from './texts.ts';
import { useDisabledReasons } from './use-disabled-reasons.ts';

/** The button of an action; if that is not possible, it gives the reason. */
export function ActionButton({
  action,
  item,
  named = false,
  size = 'sm',
  ...look
}: {
  action: MediaAction;
  item: MediaRow;
  /** The item's name is part of the button's, for screen readers. */
  named?: boolean;
} & Pick<ButtonProps, 'size' | 'variant' | 'className'>) {
  const isWriting = useStore(writing).has(item.hash);
  const reason = useDisabledReasons()(action, item);
  const Icon = actionIcons[action];
  const { name } = texts.actions[action];
  return (
    <ReasonButton
      reason={reason}
      size={size}
      {...look}
      {...once}
      leftSection={<Icon size={size === 'sm' ? 16 : 14} />}
      aria-label={named ? texts.actionOn(name, nameOf(item)) : undefined}
      disabled={isWriting}
      onClick={() => act(action, item)}
    >
      {name}
    </ReasonButton>
  );
}

/** The likely action of a row, if its state has one. */
export function LikelyAction({ item }: { item: MediaRow }) {
  const action = likelyAction(item)?.action;
  return action && <ActionButton action={action} item={item} named size="compact-xs" />;
}
