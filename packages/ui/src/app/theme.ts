// Mantine in the house's own colours: those of shared/base.css, so that signing in and what comes after are one place.
// Contrast is AA in light and dark.
import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
} from '@mantine/core';

const sage: MantineColorsTuple = [
  '#e9f6f2',
  '#d3ebe4',
  '#a9d9cc',
  '#8fdcc9',
  '#6fd0b8',
  '#2fa58c',
  '#1b8a74',
  '#0f7765',
  '#0d6b5b',
  '#09564a',
];
const gray: MantineColorsTuple = [
  '#fbfaf7',
  '#f4f2ec',
  '#e9e7e0',
  '#dfddd5',
  '#cfccc2',
  '#aeb0a9',
  '#767e79',
  '#59635f',
  '#3b4441',
  '#1d2321',
];
const dark: MantineColorsTuple = [
  '#e8ece9',
  '#c6cfca',
  '#a0aba6',
  '#7d8983',
  '#3a433f',
  '#303834',
  '#1b211e',
  '#131715',
  '#0f1311',
  '#0b0e0d',
];

export const theme = createTheme({
  primaryColor: 'sage',
  primaryShade: { light: 8, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  // Filled in the house's colour: what is written on it follows the scheme. By itself it is reckoned for the light one alone.
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    const isOurs = input.color === undefined || input.color === input.theme.primaryColor;
    if (input.variant !== 'filled' || !isOurs) return colors;
    return { ...colors, color: 'var(--mantine-primary-color-contrast)' };
  },
  colors: { sage, gray, dark },
  white: '#ffffff',
  black: '#1d2321',
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  headings: { fontFamily: 'var(--sans)', fontWeight: '650' },
  defaultRadius: 'md',
  radius: { xs: '4px', sm: '7px', md: '10px', lg: '14px', xl: '20px' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  focusRing: 'auto',
  // The head of a dialog is no second banner of the page.
  components: {
    Modal: { defaultProps: { attributes: { header: { role: 'presentation' } } } },
    Drawer: { defaultProps: { attributes: { header: { role: 'presentation' } } } },
  },
});

/** The rest is said once, in base.css. */
export const variables: CSSVariablesResolver = () => {
  const shared = {
    '--mantine-color-body': 'var(--paper)',
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-dimmed': 'var(--quiet)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-color-error': 'var(--fault)',
    '--mantine-color-placeholder': 'var(--quiet)',
    '--mantine-color-default-border': 'var(--line)',
    '--mantine-color-default': 'var(--raised)',
    // Marks and notes: the orange of the library is too light to be read, its dark red too loud.
    '--mantine-color-orange-light': 'var(--warn-tint)',
    '--mantine-color-orange-light-color': 'var(--warn)',
    '--mantine-color-red-light': 'color-mix(in srgb, var(--fault) 10%, var(--raised))',
    '--mantine-color-red-light-color': 'var(--fault)',
  };
  // By themselves outlines are white in the dark with our shades, and in the light too pale once the pointer is on them.
  const outlines = {
    '--mantine-color-red-outline': 'var(--fault)',
    '--mantine-color-sage-outline': 'var(--accent)',
  };
  return { variables: {}, light: { ...shared, ...outlines }, dark: { ...shared, ...outlines } };
};
