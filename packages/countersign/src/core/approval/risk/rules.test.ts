// A row that is lost is a door that is open: the tables are whole, and the two of them know each other's names.
import { describe, expect, test } from 'vitest';
import { subcommandOf } from '../shell/subcommands.ts';
import { exactWord } from '../shell/word.ts';
import { SHELLS, WRAPPERS } from '../shell/wrappers.ts';
import { ROWS, readTable } from './rules.ts';

const reaches = (name: string): boolean => {
  const words = name.split(' ');
  return (
    subcommandOf(words[0] ?? '', words.map(exactWord)).path.join(' ') ===
    name.replace(/^docker container /, 'docker ')
  );
};

describe('tables', () => {
  test('a command of a command is found, for every row that names one', () => {
    const deep = [...ROWS.keys(), ...WRAPPERS.keys()].filter((name) => name.includes(' '));
    expect(deep.filter((name) => !reaches(name))).toEqual([]);
  });
  test('every wrapper and every shell has a row of its own as well', () => {
    const names = [...WRAPPERS.keys(), ...SHELLS.keys()].map((name) => name.split(' ')[0] ?? name);
    expect([...new Set(names)].filter((name) => !ROWS.has(name) && name !== 'countersign')).toEqual([]);
  });
  test('of two rows for a name the milder never stands', () => {
    const rows = readTable('a b | destructive | none | * | one\nb c | read | none | * | two\n');
    expect(rows.get('b')?.tier).toBe('destructive');
  });
  test.each([
    'a | harmless | none | * | x',
    'a | read | nonsense | * | x',
    'a | read | none | *',
    '+ -a | read | x',
  ])('%s is refused', (text) => {
    expect(() => readTable(text)).toThrow();
  });
});
