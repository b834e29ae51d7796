import { Loader, Menu, type MenuProps } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import {
  type ComponentProps,
  cloneElement,
  type KeyboardEvent,
  type ReactElement,
  type Ref,
  type RefObject,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import styles from './menu-button.module.css';

type Props = Pick<MenuProps, 'position' | 'width' | 'closeOnItemClick' | 'onOpen'> & {
  button: ReactElement<ComponentProps<'button'>>;
  /** A `Menu.Dropdown`. */
  children: ReactElement;
};

/** The button in the eyes of Mantine's menu, which is mounted later than the button. */
function Target({ of, ref }: { of: RefObject<HTMLButtonElement | null>; ref?: Ref<HTMLButtonElement | null> }) {
  useImperativeHandle<HTMLButtonElement | null, HTMLButtonElement | null>(ref, () => of.current, [of]);
  return null;
}

/** A button with a menu. Until it is first opened there is only the button: a list has one in each row. */
export function MenuButton({ button, onOpen, children, ...menu }: Props) {
  const id = useId();
  const element = useRef<HTMLButtonElement>(null);
  const [mounted, setMounted] = useState(false);
  const [opened, setOpened] = useState(false);
  // The menu returns the focus if it was closed before it was opened.
  useEffect(() => setOpened(mounted), [mounted]);
  const open = () => {
    onOpen?.();
    if (mounted) setOpened(true);
    else setMounted(true);
  };
  return (
    <>
      {cloneElement(button, {
        ref: element,
        id,
        'aria-haspopup': 'menu',
        'aria-expanded': opened,
        'aria-controls': opened ? `${id}-dropdown` : undefined,
        onClick: opened ? () => setOpened(false) : open,
        onKeyDown: (event: KeyboardEvent) => {
          if (event.key !== 'ArrowDown' || opened) return;
          event.preventDefault();
          open();
        },
      })}
      {mounted && (
        <Menu {...menu} id={id} opened={opened} onChange={setOpened} withInitialFocusPlaceholder={false}>
          <Menu.Target>
            <Target of={element} />
          </Menu.Target>
          {children}
        </Menu>
      )}
    </>
  );
}

/** The menu of a row or of a thing, behind three dots. */
export function DotsMenu({ name, busy = false, ...menu }: Omit<Props, 'button'> & { name: string; busy?: boolean }) {
  return (
    <MenuButton
      {...menu}
      button={
        <button
          type="button"
          className={`${styles.dots} mantine-active`}
          aria-label={name}
          aria-busy={busy}
          disabled={busy}
        >
          {busy ? <Loader size={15} color="currentColor" /> : <IconDots size={17} />}
        </button>
      }
    />
  );
}
