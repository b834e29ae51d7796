import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import type { FilterDefinition } from './define-view.ts';
import { listsTexts as texts } from './texts.ts';
import type { ChangeView } from './use-view.ts';

/** For a list without a match: clears what is set of its filters and its search, each by its own button. */
export function ClearButtons<View extends object>({
  view,
  definition: { activeFilters, withoutFilters },
  onChange,
  children,
}: {
  view: View;
  definition: Pick<FilterDefinition<View>, 'activeFilters' | 'withoutFilters'>;
  onChange: ChangeView<View>;
  /** Buttons before them. */
  children?: ReactNode;
}) {
  return (
    <Group justify="center">
      {children}
      {activeFilters(view).length > 0 && (
        <Button variant="default" onClick={() => onChange(withoutFilters(view))}>
          {texts.clearFilters}
        </Button>
      )}
      {'q' in view && String(view.q).trim() !== '' && (
        <Button variant="default" onClick={() => onChange({ q: '' } as object as Partial<View>)}>
          {texts.clearSearch}
        </Button>
      )}
    </Group>
  );
}
