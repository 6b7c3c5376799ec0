// A component without its styles looks broken and breaks no test of ours: so this one looks at what is used.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('..', import.meta.url));
const STYLES = fileURLToPath(import.meta.resolve('@mantine/core/styles.css')).replace(/\.css$/, '');
/** What others are made of. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  Modal: ['ModalBase', 'Overlay', 'Paper', 'CloseButton', 'ScrollArea'],
  Drawer: ['ModalBase', 'Overlay', 'Paper', 'CloseButton', 'ScrollArea'],
  TextInput: ['Input'],
  Textarea: ['Input'],
  NativeSelect: ['Input'],
  PasswordInput: ['Input', 'ActionIcon'],
  NumberInput: ['Input'],
  TagsInput: ['Input', 'Combobox', 'Pill', 'PillsInput', 'Popover'],
  Select: ['Input', 'Combobox', 'Popover'],
  Checkbox: ['InlineInput', 'Input'],
  Radio: ['InlineInput', 'Input'],
  Switch: ['InlineInput', 'Input'],
  SegmentedControl: ['FloatingIndicator'],
  Button: ['UnstyledButton', 'Loader'],
  Tooltip: ['Tooltip'],
};

async function usedComponents(): Promise<ReadonlySet<string>> {
  const files = (await readdir(SRC, { recursive: true })).filter((file) => /\.tsx?$/.test(file));
  const texts = await Promise.all(files.map((file) => readFile(join(SRC, file), 'utf8')));
  const names = texts
    .flatMap((text) => [...text.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)])
    .flatMap(([, list = '']) => list.split(',').map((name) => name.trim()));
  return new Set(names.filter((name) => name !== '' && !name.startsWith('type ')));
}

test('every component in use, and what it is made of, has its styles', async () => {
  const used = await usedComponents();
  expect(used.size).toBeGreaterThan(20);
  const wanted = [...used].flatMap((name) => [name, ...(PARTS[name] ?? [])]);
  const styled = wanted.filter((name) => existsSync(join(STYLES, `${name}.css`)));
  const imported = await readFile(join(SRC, 'app/styles.ts'), 'utf8');
  expect([...new Set(styled)].filter((name) => !imported.includes(`/${name}.css'`))).toEqual([]);
});
