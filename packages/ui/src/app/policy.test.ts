// Trusted Types of the Control UI: whatever a flaw hands to innerHTML, only style text of Mantine's own shape gets through.
import { describe, expect, test } from 'vitest';
import { installPolicy, styleText, workerAddress } from './policy.ts';

describe('markup from text', () => {
  test.each([
    '<img src=x onerror=alert(1)>',
    'hello',
    '&lt;b&gt;',
    ':root{}<script>',
    ':root{}</style><img src=x onerror=alert(1)>',
    ' \n<b>',
    'javascript:alert(1)',
    '.attacker{background:url(//evil.example)}',
    '@import "//evil.example";',
  ])('%s is refused', (text) => {
    expect(styleText(text)).toBeNull();
  });

  test.each([
    ':root{--mantine-scale:1;}',
    '.__m__-r1{padding:1px;}',
    '@media (min-width: 36em) {.__m__-r1{}}',
    '',
  ])('style text of the component library passes: %s', (text) => {
    expect(styleText(text)).toBe(text);
  });

  test('a worker is ours, under its one name', () => {
    expect(workerAddress('/sw.js')).toBe('/sw.js');
    for (const other of ['/sw.js?x', 'https://evil.example/sw.js', '//evil.example/sw.js', '/chat', ''])
      expect(workerAddress(other)).toBeNull();
  });

  test('it is the default policy, once, and a browser without Trusted Types needs none', () => {
    const made: string[] = [];
    installPolicy({ createPolicy: (name, rules) => made.push(name, ...Object.keys(rules)) });
    installPolicy(undefined);
    // No createScript: text never becomes a script.
    expect(made).toEqual(['default', 'createHTML', 'createScriptURL']);
  });
});
