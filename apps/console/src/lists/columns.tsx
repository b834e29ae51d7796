import { ActionIcon, Menu } from '@mantine/core';
import { IconLayoutColumns } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import { useLocation } from 'react-router';
import { densities, density } from '#state/density.ts';
import { createPreference } from '#state/preferences.ts';
import { useStore } from '#state/store.ts';
import { MenuButton } from '#ui/menu-button.tsx';
import { columnsInAddress, defaultColumns, printColumns, readColumns } from './link-columns.ts';
import { listsTexts } from './texts.ts';
import { useUrlValues } from './use-url-values.ts';

export type Column<Id extends string = string> = {
  id: Id;
  name: string;
  /** Hidden unless the user chooses it. */
  extra?: boolean;
  /** Always shown: it identifies the row. */
  fixed?: boolean;
};

/** Per list, the columns whose choice differs from the default. */
type Choices = Record<string, Record<string, boolean>>;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isChoices = (value: unknown): value is Choices =>
  isRecord(value) &&
  Object.values(value).every(
    (choice) => isRecord(choice) && Object.values(choice).every((shown) => typeof shown === 'boolean'),
  );

const choices = createPreference<Choices>('columns', {}, isChoices);

const isDefault = ({ extra = false }: Column) => !extra;

/** Whether a column is shown with this choice. */
export const isShown = (column: Column, choice: Choices[string] = {}) =>
  column.fixed === true || (choice[column.id] ?? isDefault(column));

/** The choice after a column is toggled. Defaults are not stored, so that a new version can change them. */
export function turn(column: Column, choice: Choices[string] = {}): Choices[string] {
  const { [column.id]: _before, ...others } = choice;
  const shown = !isShown(column, choice);
  return shown === isDefault(column) ? others : { ...others, [column.id]: shown };
}

/** The user's own choices in entries of the history, by its key: going back to one is no link of another user. */
const own = new Set<string>();

/**
 * The columns of a list and the user's choice, stored under the name of the list. The address has a choice other than the
 * default. The choice of a link takes the place of the user's own until the user leaves the list; changes of it are in the
 * address alone.
 */
export function useColumns<C extends Column>(list: string, columns: readonly C[]) {
  const stored = useStore(choices)[list];
  const { key } = useLocation();
  const [[written], write] = useUrlValues(columnsInAddress, list);
  const linked = written === undefined ? undefined : printColumns(readColumns(written));
  const text = printColumns(stored);
  const isLinked = linked !== undefined && linked !== text && !own.has(`${key} ${linked}`);
  const choice = useMemo(() => (isLinked ? readColumns(linked) : stored), [isLinked, linked, stored]);
  useEffect(() => {
    if (isLinked) return;
    own.add(`${key} ${text}`);
    write(() => (text === defaultColumns ? [] : [text]));
  }, [isLinked, written, key, text, write]);
  // Stable until the choice changes, also at another address, so that rows do not render again.
  const visible = useMemo(
    () => ({
      shown: columns.filter((column) => isShown(column, choice)),
      shows: (id: C['id']) => columns.some((column) => column.id === id && isShown(column, choice)),
    }),
    [columns, choice],
  );
  return {
    ...visible,
    all: columns,
    toggle: (column: C) => {
      if (isLinked) write(() => [printColumns(turn(column, choice))]);
      else choices.set((before) => ({ ...before, [list]: turn(column, before[list]) }));
    },
    reset: () => {
      if (isLinked) write(() => []);
      else choices.set(({ [list]: _before, ...others }) => others);
    },
    isLinked,
    isDefault: Object.keys(choice ?? {}).length === 0,
  };
}

/** Chooses the columns and the density of rows. */
export function ColumnChooser<C extends Column>({ columns }: { columns: ReturnType<typeof useColumns<C>> }) {
  const chosen = useStore(density);
  return (
    <MenuButton
      position="bottom-end"
      closeOnItemClick={false}
      button={
        <ActionIcon variant="default" size={36} aria-label={listsTexts.display} data-tooltip={listsTexts.display}>
          <IconLayoutColumns size={18} />
        </ActionIcon>
      }
    >
      <Menu.Dropdown>
        <Menu.Label>{listsTexts.columns}</Menu.Label>
        {columns.all
          .filter(({ fixed }) => !fixed)
          .map((column) => (
            <Menu.CheckboxItem
              key={column.id}
              checked={columns.shows(column.id)}
              onChange={() => columns.toggle(column)}
            >
              {column.name}
            </Menu.CheckboxItem>
          ))}
        {(columns.isLinked || !columns.isDefault) && (
          <Menu.Item onClick={columns.reset}>
            {columns.isLinked ? listsTexts.ownColumns : listsTexts.defaultColumns}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Label>{listsTexts.density}</Menu.Label>
        <Menu.RadioGroup value={chosen} onChange={(value) => density.set(value as typeof chosen)}>
          {densities.map((one) => (
            <Menu.RadioItem key={one} value={one}>
              {listsTexts[one]}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </MenuButton>
  );
}
