import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** Type, spacing and colour of the console. Colours with a meaning are variables with a value per theme. */

const teal: MantineColorsTuple = [
  '#e6f7f9',
  '#d3eaee',
  '#a8d5dc',
  '#7ac0ca',
  '#55aebb',
  '#3da3b2',
  '#2b8997',
  '#1d7582',
  '#0b6672',
  '#005762',
];

const graphite: MantineColorsTuple = [
  '#d5d9e0',
  '#b4bac4',
  '#929aa7',
  '#6b7482',
  '#434b58',
  '#333a45',
  '#232932',
  '#191d24',
  '#12151a',
  '#0c0e12',
];

export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: 7,
  autoContrast: true,
  colors: { teal, dark: graphite },
  defaultRadius: 'md',
  // Cards; controls inside them have `md`, badges have `sm`.
  radius: { lg: '0.75rem' },
  cursorType: 'pointer',
  components: {
    Alert: { defaultProps: { variant: 'light' } },
    // Screen readers need a label for an icon.
    Modal: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
  },
  fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace',
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1rem', lineHeight: '1.4' },
      h3: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
});

/** The colours of the original, adjusted so that text in them is readable in either theme. */
export const variables: CSSVariablesResolver = () => ({
  variables: {
    '--fill-watch': '#1f77b4',
    '--fill-not': '#d62728',
    '--fill-anomalous': '#237c23',
    '--rt-score': '#d62728',
    '--metascore': '#2ca02c',
    '--imdb-rating': '#ffc518',
    '--imdb-votes': '#997300',
    '--tmdb-rating': '#90cea1',
    '--tmdb-votes': '#01b4e4',
  },
  dark: {
    '--text-watch': '#6db6ea',
    '--text-not': '#ff8583',
    '--text-anomalous': '#6cc96c',
    '--text-fp': '#c3a0e6',
    '--text-fn': '#f0c000',
    '--no-rating': '#6b6b6b',
    '--text-good': '#6cc96c',
    '--text-warning': '#f0c000',
    '--text-bad': '#ff8583',
    '--mantine-color-error': '#ff8583',
    // The background of pressed controls and of messages.
    '--mantine-color-teal-light': 'var(--current)',
    '--mantine-color-teal-light-hover': '#24414a',
    '--mantine-color-red-light': '#2a1e22',
    '--mantine-color-red-light-color': '#ff8583',
    '--mantine-color-yellow-light': '#29261b',
    '--mantine-color-yellow-light-color': '#f0c000',
    '--surface': 'var(--mantine-color-dark-7)',
    '--surface-raised': 'var(--mantine-color-dark-6)',
    '--page': 'var(--mantine-color-dark-8)',
    '--line': '#2a313b',
    '--hover': 'var(--mantine-color-dark-6)',
    '--selected': '#1a2629',
    '--current': '#1d3338',
    '--dimmed': '#9aa3b0',
    '--mantine-color-dimmed': '#9aa3b0',
    // Light enough to show on the menu, dark enough for dimmed text.
    '--menu-item-hover': '#2d343f',
  },
  light: {
    '--text-watch': '#1a689e',
    '--text-not': '#b51f20',
    '--text-anomalous': '#1f6f1f',
    '--text-fp': '#75459f',
    '--text-fn': '#7a6100',
    '--no-rating': '#757575',
    '--text-good': '#1f6f1f',
    '--text-warning': '#7a6100',
    '--text-bad': '#b51f20',
    '--mantine-color-error': '#b51f20',
    '--mantine-color-teal-light': 'var(--current)',
    '--mantine-color-teal-light-hover': '#d3eaee',
    '--mantine-color-red-light': '#fdf0f0',
    '--mantine-color-red-light-color': '#b51f20',
    '--mantine-color-yellow-light': '#fbf6e3',
    '--mantine-color-yellow-light-color': '#7a6100',
    '--surface': '#ffffff',
    '--surface-raised': '#ffffff',
    '--page': '#f5f6f8',
    '--line': '#dfe3e8',
    '--hover': '#eef1f4',
    '--selected': '#edf6f7',
    '--current': '#e3f1f3',
    '--dimmed': '#5a6472',
    '--mantine-color-dimmed': '#5a6472',
  },
});
