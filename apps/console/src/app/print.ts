/**
 * Prints in the light theme: browsers leave dark backgrounds out, and on paper light text cannot be read. The frame's styles
 * leave out what is of no use there.
 */
export function printLight(): void {
  const { dataset } = document.documentElement;
  let shown: string | undefined;
  matchMedia('print').addEventListener('change', ({ matches }) => {
    if (matches) {
      shown = dataset.mantineColorScheme;
      dataset.mantineColorScheme = 'light';
    } else if (shown) dataset.mantineColorScheme = shown;
  });
}
