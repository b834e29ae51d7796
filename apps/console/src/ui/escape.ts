/**
 * Escape closes one layer: an open menu, else the dialog on top. Every dialog of Mantine listens to the window for itself, so
 * all that are open would close together.
 */
function onKeyDown(event: KeyboardEvent): void {
  if (event.key !== 'Escape' || event.isComposing) return;
  const dialogs = [...document.querySelectorAll<HTMLElement>('.mantine-Modal-content, .mantine-Drawer-content')];
  if (dialogs.length === 0) return;
  const menu = document.querySelector<HTMLElement>('[aria-haspopup="menu"][aria-expanded="true"]');
  // A number where one was given, else a variable of Mantine.
  const height = (dialog: HTMLElement) =>
    Number(dialog.closest<HTMLElement>('[style*="--mb-z-index"]')?.style.getPropertyValue('--mb-z-index')) || 200;
  const hasFocus = (dialog: HTMLElement) => Number(dialog.contains(document.activeElement));
  const [top] = dialogs.toSorted((left, right) => height(right) - height(left) || hasFocus(right) - hasFocus(left));
  const close = menu ?? top?.querySelector<HTMLElement>('.mantine-Modal-close, .mantine-Drawer-close');
  // One dialog alone closes by itself.
  if (!close || (!menu && dialogs.length === 1)) return;
  event.stopImmediatePropagation();
  close.click();
  menu?.focus();
}

/** Starts listening; called once, before the first dialog listens. */
export function closeOneLayer(): void {
  addEventListener('keydown', onKeyDown, true);
}
